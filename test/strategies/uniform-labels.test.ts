import { describe, expect, it } from '@jest/globals';
import { dryRun } from '../../core/pipeline/index.js';
import { UniformLabels } from '../../plugins/uniform-labels/uniform-labels.js';
import { toyPipeline } from '../pipeline/toy.js';
import { datasetOf, everything } from './hierarchy-dataset.js';

describe('uniform-labels', () => {
  it('gives every class of the block the same share, and the other blocks none', () => {
    const levels = { kind: { name: 'kind', classes: ['a', 'b', 'c'] } };
    const dataset = datasetOf(levels, { kind: [1, 0, 2, 2] }, { primary: 'kind' });
    const strategy = new UniformLabels({ psi: [2, 1, 4] }, dataset);
    expect(strategy.head).toEqual({ task: 'classification', outputs: 7, psi: [2, 1, 4] });
    using batch = everything(dataset);
    using labels = strategy.for(batch);
    expect(labels.targets.arraySync()).toEqual([
      [0, 0, 1, 0, 0, 0, 0],
      [0.5, 0.5, 0, 0, 0, 0, 0],
      [0, 0, 0, 0.25, 0.25, 0.25, 0.25],
      [0, 0, 0, 0.25, 0.25, 0.25, 0.25],
    ]);
  });

  it('takes the place of another strategy in a pipeline', async () => {
    const pipeline = await toyPipeline({ auxiliary: { use: 'uniform-labels', psi: 2 }, metaStep: { use: 'none' } });
    const { passes } = await dryRun(pipeline);
    expect(passes[0]!.measurements[0]).toMatchObject({ type: 'step:end', labelMass: expect.anything() });
  });
});
