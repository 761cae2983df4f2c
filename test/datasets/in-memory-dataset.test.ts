import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hierarchy, inMemoryDataset, type InMemorySource, type Levels } from '../../core/datasets/index.js';
import { Random, tf } from '../../core/engine/index.js';
import { ConfigError } from '../../core/errors/index.js';
import type { DatasetOptions } from '../../core/stages/index.js';

const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
const levels: Levels = {
  parity: { name: 'parity', classes: ['even', 'odd'] },
  digit: { name: 'digit', classes: digits, parent: { level: 'parity', of: digits.map((digit) => Number(digit) % 2) } },
};

/** Samples of two features: their position, and their label. */
const samples = (labels: number[]) => ({
  inputs: Float32Array.from(labels.flatMap((label, position) => [position, label])),
  labels: { digit: labels } as Record<string, number[]>,
});

const cycling = (size: number) => Array.from({ length: size }, (_, position) => (position * 7) % 10);

function load(
  options: Partial<DatasetOptions> = {},
  { seed = 1, ...source }: Partial<InMemorySource> & { seed?: number } = {},
) {
  return inMemoryDataset({
    name: 'sketch',
    inputShape: [2],
    levels,
    primary: 'digit',
    train: samples(cycling(200)),
    test: samples(cycling(30)),
    options: { batch: 10, validation: 0, heldOut: 0, ...options },
    random: new Random(seed),
    ...source,
  });
}

const histogram = (labels: Iterable<number>, size: number) => {
  const counts = new Array<number>(size).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts;
};

describe('inMemoryDataset', () => {
  it('derives the labels of coarser levels by parent links', () => {
    const { train, test } = load();
    expect([...train.labels['parity']!]).toEqual([...train.labels['digit']!].map((digit) => digit % 2));
    expect(test.labels['parity']!).toHaveLength(30);
  });

  it('labels levels that cross the hierarchy', () => {
    const crossing = { half: { low: [0, 1], high: [2, 3] }, parity: { even: [0, 2], odd: [1, 3] } };
    const crossed = hierarchy({ name: 'digit', classes: ['0', '1', '2', '3'] }, crossing, 'parity');
    const { train } = load(
      { primary: 'parity', fine: 'digit' },
      { levels: crossed, train: samples([0, 1, 2, 3]), test: samples([0]) },
    );
    expect([...train.labels['half']!]).toEqual([0, 0, 1, 1]);
    expect([...train.labels['parity']!]).toEqual([0, 1, 0, 1]);
  });

  it('derives through a chain of levels', () => {
    const parity = { ...levels['parity']!, parent: { level: 'all', of: [0, 0] } };
    const chain = { all: { name: 'all', classes: ['everything'] }, parity, digit: levels['digit']! };
    const { train } = load({ primary: 'all', fine: 'digit' }, { levels: chain });
    expect([...new Set(train.labels['all'])]).toEqual([0]);
  });

  it('keeps labels that are given for a coarser level', () => {
    const given = { inputs: new Uint8Array(4), labels: { digit: [2, 3], parity: [1, 1] } };
    expect([...load({}, { train: given }).train.labels['parity']!]).toEqual([1, 1]);
  });

  it('gathers inputs by index to scaled float32, of images and of features', () => {
    const image = { inputs: Uint8Array.from({ length: 24 }, (_, i) => i), labels: { digit: [0, 1] } };
    const { test } = load({}, { inputShape: [2, 2, 3], train: image, test: image, scale: 1 / 255 });
    using batch = test.inputs(Int32Array.of(1, 0, 1));
    expect(batch).toMatchObject({ dtype: 'float32', shape: [3, 2, 2, 3] });
    const bytes = [...batch.dataSync()].map((value) => value * 255);
    for (const [i, value] of [12, 0, 12].entries()) expect(bytes[i * 12]).toBeCloseTo(value, 4);
    expect(bytes[35]).toBeCloseTo(23, 4);
    expect(() => test.inputs(Int32Array.of(2))).toThrow(RangeError);
  });

  it('maps a subset to the samples it was drawn from', () => {
    const { train, validation } = load({ train: 33, validation: 20 });
    for (const split of [train, validation!]) {
      using inputs = split.inputs(Int32Array.from({ length: split.size }, (_, i) => i));
      const rows = inputs.arraySync() as number[][];
      expect(rows.map(([position]) => position)).toEqual([...split.positions]);
      expect(rows.map(([, label]) => label)).toEqual([...split.labels['digit']!]);
    }
  });

  it('draws exactly as many as asked, evenly by primary class, and holds out others', () => {
    const labelled = fc.array(fc.nat(9), { minLength: 2, maxLength: 150 });
    fc.assert(
      fc.property(labelled, fc.nat(), fc.nat(), fc.integer(), (labels, a, b, seed) => {
        const train = 1 + (a % labels.length);
        const validation = b % (labels.length - train + 1);
        const dataset = load({ train, validation }, { train: samples(labels), seed });
        expect(dataset.train.size).toBe(train);
        expect(dataset.validation?.size ?? 0).toBe(validation);
        const used = [...dataset.train.positions, ...(dataset.validation?.positions ?? [])];
        expect(new Set(used).size).toBe(train + validation);

        const available = histogram(labels, 10);
        const drawn = histogram(dataset.train.labels['digit']!, 10);
        const unexhausted = drawn.filter((count, digit) => count < available[digit]!);
        if (unexhausted.length > 0) expect(Math.max(...drawn) - Math.min(...unexhausted)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('stratifies by the primary level, not by the one the samples are labelled with', () => {
    const skewed = [
      ...new Array<number>(80).fill(0),
      ...new Array<number>(15).fill(2),
      ...new Array<number>(25).fill(1),
    ];
    const { train } = load({ primary: 'parity', train: 41 }, { train: samples(skewed) });
    expect(histogram(train.labels['parity']!, 2).sort()).toEqual([20, 21]);
  });

  it('draws by seed which classes give one more where a size does not divide', () => {
    const larger = (seed: number) => {
      const counts = histogram(load({ train: 11 }, { seed }).train.labels['digit']!, 10);
      return counts.indexOf(2);
    };
    expect(new Set([1, 2, 3, 4, 5, 6].map(larger)).size).toBeGreaterThan(1);
  });

  it('holds out in the proportions of the samples', () => {
    const labels = Array.from({ length: 100 }, (_, i) => (i < 60 ? 0 : i < 90 ? 1 : 2));
    const { train, validation } = load({ validation: 33 }, { train: samples(labels) });
    expect(histogram(validation!.labels['digit']!, 3)).toEqual([20, 10, 3]);
    expect([...train.positions, ...validation!.positions].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
  });

  it('draws the same subsets from the same seed, and the same training subset at any validation size', () => {
    const first = load({ train: 50, validation: 30 });
    expect(load({ train: 50, validation: 30 })).toMatchObject({
      train: { positions: first.train.positions },
      validation: { positions: first.validation!.positions },
    });
    expect(load({ train: 50 }).train.positions).toEqual(first.train.positions);
    expect(load({ train: 50 }, { seed: 2 }).train.positions).not.toEqual(first.train.positions);
  });

  it('does not depend on what was drawn from the generators before', () => {
    const random = new Random(1);
    random.for('subset/train').uniform();
    expect(load({ train: 50 }, { random }).train.positions).toEqual(load({ train: 50 }).train.positions);
  });

  it('tests on the first samples', () => {
    expect([...load({ test: 4 }).test.positions]).toEqual([0, 1, 2, 3]);
  });

  it.each([
    [{ train: 201 }, 'dataset.train: 201 asked for, but there are 200 training samples'],
    [{ train: 150, validation: 51 }, 'dataset.validation: 51 asked for, but there are 50 samples left beside training'],
    [{ validation: 200 }, 'dataset.validation: 200 asked for, but there are 199 samples left beside training'],
    [{ test: 31 }, 'dataset.test: 31 asked for, but there are 30 test samples'],
    [{ primary: 'parit' }, 'dataset.primary: no label level "parit"; the nearest is "parity"'],
    [{ fine: 'constructor' }, 'dataset.fine: no label level "constructor"'],
    [{ primary: 'digit', fine: 'parity' }, 'dataset.fine: level "parity" does not refine the primary level "digit"'],
    [{ primary: 'parity', fine: 'parity' }, 'These do: digit.'],
  ])('refuses %j', (options, message) => {
    expect(() => load(options)).toThrow(ConfigError);
    expect(() => load(options)).toThrow(message);
  });

  it.each([
    [
      'a label that is no class',
      samples([3, 10]),
      'train sample 1 has label 10, but the classes of level "digit" are 0 to 9',
    ],
    ['a label that is no integer', samples([0.5]), 'train sample 0 has label 0.5'],
    [
      'counts that differ',
      { inputs: new Uint8Array(4), labels: { digit: [1] } },
      '1 labels of level "digit" for 2 inputs',
    ],
    [
      'a broken row',
      { inputs: new Uint8Array(5), labels: { digit: [1, 2] } },
      '5 values are no whole number of 2 inputs',
    ],
    ['nothing', samples([]), 'there are no samples'],
    ['unlabelled samples', { inputs: new Uint8Array(2), labels: {} }, 'the train samples have no labels of level'],
  ])('refuses %s', (_, train, message) => {
    expect(() => load({}, { train })).toThrow(message);
  });

  it('allocates tensors for batches alone', () => {
    const before = tf.memory().numTensors;
    const { train } = load();
    expect(tf.memory().numTensors).toBe(before);
    train.inputs(Int32Array.of(1, 2)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
