import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tf } from '../../core/engine/index.js';
import { DataError } from '../../core/errors/index.js';
import { compose } from '../../core/pipeline/index.js';
import type { Composition } from '../../core/pipeline/index.js';
import { predict, predictFile } from '../../core/trained/index.js';
import type { ClassPrediction, NumberPrediction, SampleReader, TrainedRun } from '../../core/trained/index.js';
import { toyPipeline } from '../pipeline/toy.js';

let composition: Composition;
beforeAll(async () => {
  composition = await compose(await toyPipeline());
});
afterAll(() => composition[Symbol.dispose]());

/** A run at its first weights, whose dataset is changed. */
const runWith = (changes: object): TrainedRun => ({
  folder: '/runs/toy/001',
  composition: { ...composition, dataset: { ...composition.dataset, ...changes } },
  theta1: composition.state.theta1.variables,
  labeller: async () => () => undefined,
  [Symbol.dispose]: () => undefined,
});

describe('predict', () => {
  it('says of each row what it says of that row alone, however many there are', () => {
    const run = runWith({});
    const { test } = composition.dataset;
    const rows = Int32Array.from({ length: 260 }, (_, n) => n % test.size);
    using inputs = test.inputs(rows);
    const before = tf.memory().numTensors;
    const all = predict(run, inputs) as ClassPrediction[];
    expect(tf.memory().numTensors).toBe(before);
    expect(all.map(({ sample }) => sample)).toEqual([...rows.keys()].map(String));
    for (const n of [0, 1, 249, 250, 259]) {
      using row = inputs.slice([n], [1]);
      const [alone] = predict(run, row) as ClassPrediction[];
      expect(all[n]!.class).toBe(alone!.class);
      alone!.probabilities.forEach((value, k) => expect(all[n]!.probabilities[k]).toBeCloseTo(value, 5));
    }
    expect(new Set(all.map(({ probabilities }) => String(probabilities))).size).toBeGreaterThan(1);
  });

  it('says numbers in their own units, where the task is a regression', () => {
    const { test } = composition.dataset;
    using inputs = test.inputs(Int32Array.of(0, 1));
    const predicted = (target?: object) => predict(runWith(target ? { target } : {}), inputs);
    const [at0] = predicted({ name: 'size', mean: 0, deviation: 1 }) as NumberPrediction[];
    const [moved] = predicted({ name: 'size', mean: 10, deviation: 2 }) as NumberPrediction[];
    expect(moved!.value).toBeCloseTo(10 + 2 * at0!.value, 4);
  });

  it('says nothing of no samples', () => {
    using none = composition.dataset.test.inputs(Int32Array.of());
    expect(predict(runWith({}), none)).toEqual([]);
  });

  it.each([
    ['one sample that is no batch', () => tf.zeros([...composition.dataset.inputShape])],
    ['a batch of another shape', () => tf.zeros([2, 3])],
    ['a number', () => tf.scalar(1)],
    ['whole numbers', () => tf.zeros([2, ...composition.dataset.inputShape], 'int32')],
  ])('refuses %s', (_, make) => {
    using inputs = make();
    expect(() => predict(runWith({}), inputs)).toThrow(
      expect.objectContaining({ code: 'predict/inputs', message: expect.stringContaining('float32 [samples, ') }),
    );
  });
});

describe('predictFile', () => {
  it('reads a file as the dataset does, where that offers it', async () => {
    const { test } = composition.dataset;
    const reader: SampleReader = {
      readSamples: async (file, name) => ({
        inputs: test.inputs(Int32Array.of(3, 4)),
        names: [`${name}:1 of ${file}`, `${name}:2 of ${file}`],
      }),
    };
    const before = tf.memory().numTensors;
    const both = (await predictFile(runWith(reader), '/rows.csv', 'rows.csv')) as ClassPrediction[];
    expect(tf.memory().numTensors).toBe(before);
    expect(both.map(({ sample }) => sample)).toEqual(['rows.csv:1 of /rows.csv', 'rows.csv:2 of /rows.csv']);

    const one: SampleReader = { readSamples: async () => ({ inputs: test.inputs(Int32Array.of(4)), names: ['4'] }) };
    const [fourth] = (await predictFile(runWith(one), '/rows.csv', 'rows.csv')) as ClassPrediction[];
    expect(fourth!.probabilities).toHaveLength(3);
    fourth!.probabilities.forEach((value, k) => expect(value).toBeCloseTo(both[1]!.probabilities[k]!, 6));
    expect(both[0]!.probabilities).not.toEqual(both[1]!.probabilities);
  });

  it('refuses files where inputs are no images and the dataset reads none', async () => {
    const predicted = predictFile(runWith({ inputShape: [4] }), '/rows.csv', 'rows.csv');
    await expect(predicted).rejects.toThrow(DataError);
    await expect(predicted).rejects.toMatchObject({
      code: 'predict/no-reader',
      message: expect.stringContaining('rows.csv: the dataset toy has inputs of shape [4]'),
    });
  });
});
