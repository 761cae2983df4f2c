import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Random, tf } from '../../core/engine/index.js';
import type { Batch, Split } from '../../core/stages/index.js';
import { batches, epochOrder } from '../../core/training/sampler.js';

const level = { name: 'sketch', primary: 'class' };

const splitOf = (size: number): Split => ({
  size,
  labels: { class: Int32Array.from({ length: size }, (_, i) => 10 * i) },
  inputs: (indices) => tf.tensor2d([...indices], [indices.length, 1]),
});

describe('epochOrder', () => {
  it('is a permutation that depends on seed, pass and epoch alone', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.nat(), fc.integer({ min: 1, max: 50 }), (seed, pass, epoch, size) => {
        const random = new Random(seed);
        const order = epochOrder(random, pass, epoch, size);
        expect([...order].sort((a, b) => a - b)).toEqual([...Array(size).keys()]);
        random.for(`order/${pass}/${epoch}`).uniform();
        expect(epochOrder(random, pass, epoch, size)).toEqual(order);
      }),
    );
  });

  it('differs between seeds, passes and epochs', () => {
    const of = (seed: number, pass: string, epoch: number) => epochOrder(new Random(seed), pass, epoch, 20).join();
    expect(new Set([of(1, 'train', 1), of(2, 'train', 1), of(1, 'meta', 1), of(1, 'train', 2)]).size).toBe(4);
  });
});

describe('batches', () => {
  it('visits the order once, with a short last batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 12 }), fc.nat(), (size, batch, seed) => {
        const order = epochOrder(new Random(seed), 'train', 1, size);
        const sizes: number[] = [];
        const visited: number[] = [];
        for (const drawn of batches(level, splitOf(size), { batch, order })) {
          sizes.push(drawn.size);
          visited.push(...drawn.indices);
          expect(drawn.inputs.shape).toEqual([drawn.size, 1]);
          expect([...drawn.inputs.dataSync()]).toEqual([...drawn.indices]);
          expect([...drawn.primary.dataSync()]).toEqual([...drawn.indices].map((index) => 10 * index));
          expect(drawn.primaryClasses).toEqual(drawn.primary.dataSync());
          expect(drawn.primary.dtype).toBe('int32');
          drawn[Symbol.dispose]();
        }
        expect(visited).toEqual([...order]);
        const full = new Array<number>(Math.floor(size / batch)).fill(batch);
        expect(sizes).toEqual(size % batch ? [...full, size % batch] : full);
      }),
      { numRuns: 50 },
    );
  });

  it('walks through the split in turn where no order is given', () => {
    const visited: number[] = [];
    for (using drawn of batches(level, splitOf(5), { batch: 2 })) visited.push(...drawn.indices);
    expect(visited).toEqual([0, 1, 2, 3, 4]);
  });

  it('draws a batch only when it is asked for, and frees it with it', () => {
    const before = tf.memory().numTensors;
    const drawn = batches(level, splitOf(100), { batch: 10 })[Symbol.iterator]();
    expect(tf.memory().numTensors).toBe(before);
    const value = drawn.next().value as Batch;
    expect(tf.memory().numTensors).toBe(before + 2);
    value[Symbol.dispose]();
    value[Symbol.dispose]();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('hands each batch indices of its own', () => {
    const order = Int32Array.of(1, 0);
    const [batch] = batches(level, splitOf(2), { batch: 2, order });
    order.fill(9);
    expect([...batch!.indices]).toEqual([1, 0]);
    batch![Symbol.dispose]();
  });

  it('refuses a split without labels of the primary level', () => {
    const drawn = batches({ name: 'sketch', primary: 'other' }, splitOf(2), { batch: 1 })[Symbol.iterator]();
    expect(() => drawn.next()).toThrow('a split of sketch has no labels of level "other"');
  });
});
