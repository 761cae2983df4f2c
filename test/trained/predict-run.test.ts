import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tf } from '../../core/engine/index.js';
import { DataError } from '../../core/errors/index.js';
import { compose } from '../../core/pipeline/index.js';
import type { Composition } from '../../core/pipeline/index.js';
import { predictFile } from '../../core/trained/index.js';
import type { ClassPrediction, SampleReader, TrainedRun } from '../../core/trained/index.js';
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
