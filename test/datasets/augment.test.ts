import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { augmentation, inMemoryDataset } from '../../core/datasets/index.js';
import { Generator, Random, tf } from '../../core/engine/index.js';
import { ConfigError } from '../../core/errors/index.js';
import type { DatasetOptions } from '../../core/stages/index.js';
import { batches, Walk } from '../../core/training/index.js';

/** Images whose every value names its place: no two of a batch are equal, and none is 0. */
const numbered = (shape: [number, number, number, number]) =>
  tf.add(tf.reshape(tf.range(0, shape[0] * shape[1] * shape[2] * shape[3]), shape), 1);

type Image = number[][][];
const at = (image: Image, row: number, column: number, channels: number): number[] =>
  image[row]?.[column] ?? new Array<number>(channels).fill(0);

/** The shift and mirroring that make `changed` of `image`, found by trying them all. */
function explain(image: Image, changed: Image, crop: number) {
  const [height, width, channels] = [image.length, image[0]!.length, image[0]![0]!.length];
  const found: { top: number; left: number; mirrored: boolean }[] = [];
  for (let top = -crop; top <= crop; top++)
    for (let left = -crop; left <= crop; left++)
      for (const mirrored of [false, true]) {
        const expected = Array.from({ length: height }, (_, row) =>
          Array.from({ length: width }, (_, column) =>
            at(image, row + top, (mirrored ? width - 1 - column : column) + left, channels),
          ),
        );
        if (JSON.stringify(expected) === JSON.stringify(changed)) found.push({ top, left, mirrored });
      }
  return found;
}

function changes(options: { crop: number; flip: boolean }, shape: [number, number, number, number], seed: number) {
  using images = numbered(shape);
  using changed = augmentation(options, shape.slice(1))(images, Generator.for(seed, 'test'));
  const [before, after] = [images.arraySync() as Image[], changed.arraySync() as Image[]];
  return before.map((image, i) => explain(image, after[i]!, options.crop));
}

describe('augmentation', () => {
  it('shifts and mirrors whole images, padding with zeros', () => {
    const sizes = fc.integer({ min: 3, max: 6 });
    fc.assert(
      fc.property(
        sizes,
        sizes,
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.nat(),
        (height, width, channels, flip, seed) => {
          const crop = Math.min(2, Math.min(height, width) - 1);
          for (const found of changes({ crop, flip }, [4, height, width, channels], seed)) {
            expect(found).toHaveLength(1);
            if (!flip) expect(found[0]!.mirrored).toBe(false);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('draws every shift equally often and mirrors every other image, each for itself', () => {
    const found = changes({ crop: 1, flip: true }, [1800, 4, 4, 1], 5).map(([only]) => only!);
    const counts = new Map<string, number>();
    for (const { top, left, mirrored } of found) {
      const key = `${top} ${left} ${mirrored}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(18);
    // 100 expected of each, with a standard deviation of 9.7.
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(40);
  });

  it('leaves images as they are where nothing is asked for, and the given tensor in any case', () => {
    using images = numbered([3, 4, 4, 2]);
    using same = augmentation({ crop: 0, flip: false }, [4, 4, 2])(images, Generator.for(1, 'test'));
    expect(same.dataSync()).toEqual(images.dataSync());
    const before = Array.from(images.dataSync());
    augmentation({ crop: 2, flip: true }, [4, 4, 2])(images, Generator.for(1, 'test')).dispose();
    expect(Array.from(images.dataSync())).toEqual(before);
  });

  it('pads with what black has become where images are normalised', () => {
    using ones = tf.ones([40, 3, 3, 2]);
    const normalisation = { mean: [0.5, 2], deviation: [0.25, 4] };
    using changed = augmentation({ crop: 2, flip: false }, [3, 3, 2], normalisation)(ones, Generator.for(1, 'test'));
    const values = Array.from(changed.dataSync());
    expect(new Set(values.filter((_, i) => i % 2 === 0))).toEqual(new Set([1, -2]));
    expect(new Set(values.filter((_, i) => i % 2 === 1))).toEqual(new Set([1, -0.5]));
  });

  it.each([
    [{ crop: 4, flip: false }, [8, 3, 1], 'dataset.augment.crop: 4 leaves nothing of images of 8x3'],
    [
      { crop: 1, flip: false },
      [12],
      'dataset.augment: works on images, but the inputs of this dataset have the shape [12]',
    ],
  ])('refuses %j for inputs of %j', (options, shape, message) => {
    expect(() => augmentation(options, shape)).toThrow(ConfigError);
    expect(() => augmentation(options, shape)).toThrow(message);
  });
});

/** 10 images in batches of 4, and others to validate, hold out and test on. */
function dataset(options: Partial<DatasetOptions> = { augment: { crop: 2, flip: true } }, seed = 1) {
  const samples = (count: number) => ({
    inputs: Float32Array.from({ length: count * 75 }, (_, i) => i + 1),
    labels: { class: new Array<number>(count).fill(0) },
  });
  return inMemoryDataset({
    name: 'sketch',
    inputShape: [5, 5, 3],
    levels: { class: { name: 'class', classes: ['only'] } },
    primary: 'class',
    train: samples(20),
    test: samples(5),
    options: { batch: 4, train: 10, validation: 4, heldOut: 4, ...options },
    random: new Random(seed),
  });
}

const walk = (pass: string, epoch: number, seed = 1) => new Walk(dataset(), new Random(seed), pass, epoch);
function drawn(from: Walk, place: number): number[] {
  using held = from.at(place);
  return Array.from(held.batch.inputs.dataSync());
}

describe('augmented training batches', () => {
  it('are a function of seed, pass, epoch and place', () => {
    expect(drawn(walk('train', 2), 1)).toEqual(drawn(walk('train', 2), 1));

    const changesAt = (pass: string, epoch: number, place: number, seed = 1) => {
      using held = walk(pass, epoch, seed).at(place);
      const { batch } = held;
      using raw = dataset().train.inputs(batch.indices);
      const [before, after] = [raw.arraySync() as Image[], batch.inputs.arraySync() as Image[]];
      return JSON.stringify(before.map((image, i) => explain(image, after[i]!, 2)));
    };
    const all = [
      changesAt('train', 1, 0),
      changesAt('train', 1, 1),
      changesAt('train', 2, 0),
      changesAt('train', 2, 1),
    ];
    expect(new Set([...all, changesAt('meta', 1, 0), changesAt('train', 1, 0, 2)]).size).toBe(6);
  });

  it('are the same when a step draws them ahead, also out of the next epoch', () => {
    const first = walk('train', 1);
    using begun = first.at(1);
    expect(Array.from(begun.draw.ahead(0).inputs.dataSync())).toEqual(Array.from(begun.batch.inputs.dataSync()));
    expect(Array.from(begun.draw.ahead(1).inputs.dataSync())).toEqual(drawn(first, 2));
    expect(Array.from(begun.draw.ahead(2).inputs.dataSync())).toEqual(drawn(walk('train', 2), 0));
    expect(drawn(first, first.steps)).toEqual(drawn(walk('train', 2), 0));
  });

  it('are all that is augmented', () => {
    const { train, validation, heldOut, test, augment, ...rest } = dataset();
    expect(augment).toBeDefined();
    for (const split of [train, validation!, heldOut!, test]) {
      for (using batch of batches(rest, split, { batch: 4 })) {
        using inputs = split.inputs(batch.indices);
        expect(batch.inputs.dataSync()).toEqual(inputs.dataSync());
        expect(inputs.dataSync().indexOf(0)).toBe(-1);
      }
    }
    using begun = walk('meta', 1).at(0);
    const held = begun.draw.heldOut();
    using inputs = heldOut!.inputs(held.indices);
    expect(held.inputs.dataSync()).toEqual(inputs.dataSync());
  });

  it('are freed with their step', () => {
    const before = tf.memory().numTensors;
    const begun = walk('train', 1).at(0);
    begun.draw.ahead(1);
    begun[Symbol.dispose]();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are refused where inputs are no images', () => {
    const features = () =>
      inMemoryDataset({
        name: 'sketch',
        inputShape: [2],
        levels: { class: { name: 'class', classes: ['only'] } },
        primary: 'class',
        train: { inputs: Float32Array.of(1, 2), labels: { class: [0] } },
        test: { inputs: Float32Array.of(1, 2), labels: { class: [0] } },
        options: { batch: 1, validation: 0, heldOut: 0, augment: { crop: 0, flip: true } },
        random: new Random(1),
      });
    expect(features).toThrow('dataset.augment: works on images');
  });
});
