import { describe, expect, it } from '@jest/globals';
import type { PipelineSpec } from '../../core/config/index.js';
import { trialId, trialName } from '../../core/compare/trial.js';
import { toyPipeline } from '../pipeline/toy.js';

describe('trialId', () => {
  const id = async (changes: PipelineSpec) => trialId(await toyPipeline(changes));

  it('is that of what would be measured, wherever it is kept', async () => {
    expect(await id({})).toMatch(/^[0-9a-f]{16}$/);
    expect(await id({ name: 'other', runs: 'elsewhere' })).toBe(await id({}));
    expect(await id({ gradientCosine: 1 })).toBe(await id({}));
  });

  it.each<PipelineSpec>([
    { seed: 4 },
    { epochs: 3 },
    { scheduleEpochs: 3 },
    { evaluation: { lastEpochs: 1 } },
    { optimizer: { use: 'sgd', learningRate: 0.2 } },
  ])('is another with %j', async (changes) => {
    expect(await id(changes)).not.toBe(await id({}));
  });
});

describe('trialName', () => {
  it.each([
    [['maxl', 'seed', 3], 'maxl-seed-3'],
    [['t = 0.1 (sharp)', 'seed', 3], 't-0.1-sharp-seed-3'],
    [['../..', '/'], 'trial'],
    [['ü'.repeat(3), 'x'.repeat(200)], 'x'.repeat(100)],
  ])('makes a folder name of %j', (parts, name) => {
    expect(trialName(...parts)).toBe(name);
  });
});
