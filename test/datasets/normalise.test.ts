import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { channelStatistics, inMemoryDataset } from '../../core/datasets/index.js';
import { Generator, Random } from '../../core/engine/index.js';
import { ConfigError } from '../../core/errors/index.js';
import type { DatasetOptions, Split } from '../../core/stages/index.js';

const random = Generator.for(1, 'normalise');
/** Bytes of images `[4, 3, 2]`: the second channel is brighter, and the later images are darker. */
const bytes = (images: number) =>
  Uint8Array.from({ length: images * 24 }, (_, i) => (random.integer(100) + 100 * (i % 2)) / (1 + i / (images * 12)));
const train = bytes(40);
const test = bytes(6);

function load(options: Partial<DatasetOptions>, inputShape: readonly number[] = [4, 3, 2]) {
  const size = inputShape.reduce((a, b) => a * b);
  const samples = (inputs: Uint8Array) => ({
    inputs,
    labels: { class: Array.from({ length: inputs.length / size }, (_, i) => i % 2) },
  });
  return inMemoryDataset({
    name: 'sketch',
    inputShape,
    levels: { class: { name: 'class', classes: ['a', 'b'] } },
    primary: 'class',
    train: samples(train),
    test: samples(test),
    scale: 1 / 255,
    options: { batch: 4, validation: 0, heldOut: 0, ...options },
    random: new Random(1),
  });
}

function values({ size, inputs }: Split): number[] {
  using all = inputs(Int32Array.from({ length: size }, (_, i) => i));
  return Array.from(all.dataSync());
}
const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
const deviation = (list: readonly number[]) => Math.sqrt(mean(list.map((value) => (value - mean(list)) ** 2)));
const channel = (list: readonly number[], which: number) => list.filter((_, i) => i % 2 === which);

describe('normalise', () => {
  it('is none by default', () => {
    for (const normalise of [undefined, 'none'] as const) {
      const dataset = load({ normalise });
      expect(values(dataset.test)).toEqual(Array.from(test, (byte) => Math.fround(byte / 255)));
      expect(dataset.normalisation).toBeUndefined();
    }
  });

  it('centres and scales each channel of the training samples, drawn ones alone', () => {
    const plain = load({ train: 10, validation: 5 });
    const dataset = load({ train: 10, validation: 5, normalise: 'channels' });
    for (const which of [0, 1]) {
      const trained = channel(values(dataset.train), which);
      expect(mean(trained)).toBeCloseTo(0, 5);
      expect(deviation(trained)).toBeCloseTo(1, 5);
      const raw = channel(values(plain.train), which);
      expect(dataset.normalisation!.mean[which]).toBeCloseTo(mean(raw), 6);
      expect(dataset.normalisation!.deviation[which]).toBeCloseTo(deviation(raw), 6);
    }
  });

  it('treats every split by the same numbers', () => {
    const plain = load({ train: 10, validation: 5, heldOut: 5 });
    const given = { mean: [0.25, 0.5], deviation: [0.5, 2] };
    const dataset = load({ train: 10, validation: 5, heldOut: 5, normalise: given });
    expect(dataset.normalisation).toEqual(given);
    for (const split of ['train', 'validation', 'heldOut', 'test'] as const) {
      const expected = values(plain[split]!).map((value, i) => (value - given.mean[i % 2]!) / given.deviation[i % 2]!);
      values(dataset[split]!).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    }
  });

  it.each([
    [
      { mean: [0.5], deviation: [1, 1] },
      [4, 3, 2],
      'dataset.normalise.mean: 1 given, but the images of this dataset have 2',
    ],
    [{ mean: [0.5, 0.5], deviation: [1, 1, 1] }, [4, 3, 2], 'dataset.normalise.deviation: 3 given'],
    [
      'channels' as const,
      [24],
      'dataset.normalise: works on images, but the inputs of this dataset have the shape [24]',
    ],
    [{ mean: [0], deviation: [1] }, [12, 2], 'shape [12, 2]'],
  ])('refuses %j for inputs of %j', (normalise, shape, message) => {
    expect(() => load({ normalise }, shape)).toThrow(ConfigError);
    expect(() => load({ normalise }, shape)).toThrow(message);
  });
});

describe('channelStatistics', () => {
  it('is exact for large means and small deviations', () => {
    const inputs = Float64Array.of(1e9 + 1, 5, 1e9 + 2, 5, 1e9 + 3, 5);
    const { mean, deviation } = channelStatistics({
      inputs,
      inputShape: [1, 1, 2],
      positions: Int32Array.of(0, 1, 2),
      scale: 1,
    });
    expect(mean).toEqual([1e9 + 2, 5]);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(2 / 3), 12);
    expect(deviation[1]).toBe(1);
  });

  it('is what the definition says, at any scale', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(numbers, fc.constantFrom(1, 1 / 255, -2), (list, scale) => {
        const statistics = channelStatistics({
          inputs: Uint8Array.from(list),
          inputShape: [1, 1, 1],
          positions: Int32Array.from(list.keys()),
          scale,
        });
        const scaled = list.map((value) => value * scale);
        expect(statistics.mean[0]).toBeCloseTo(mean(scaled), 8);
        expect(statistics.deviation[0]).toBeCloseTo(new Set(list).size > 1 ? deviation(scaled) : 1, 8);
      }),
    );
  });
});
