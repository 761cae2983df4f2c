import { describe, expect, it } from '@jest/globals';
import { loadPipeline, showPipeline, type PipelineSpec } from '../../core/config/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';

const load = (changes: PipelineSpec) =>
  loadPipeline(
    {
      dataset: { use: 'csv', file: 'a.csv', target: 'price' },
      model: { use: 'mlp' },
      optimizer: { use: 'sgd', learningRate: 0.1 },
      ...changes,
    },
    { plugins: builtIn, defaults },
  );
const losses = async (changes: PipelineSpec = {}) => {
  const { loss, auxiliaryLoss } = showPipeline(await load(changes));
  return { loss, auxiliaryLoss };
};

describe('what a dataset wants where the pipeline says nothing', () => {
  const numbers = { loss: { use: 'mean-squared-error' }, auxiliaryLoss: { use: 'cross-entropy' } };
  const classes = { loss: { use: 'cross-entropy' }, auxiliaryLoss: { use: 'cross-entropy' } };

  it('holds on top of what every pipeline has, and under what is written', async () => {
    expect(await losses()).toEqual(numbers);
    expect(await losses({ dataset: { use: 'us-births' } })).toEqual(numbers);
    expect(await losses({ auxiliaryLoss: { use: 'focal', gamma: 1 } })).toEqual({
      ...numbers,
      auxiliaryLoss: { use: 'focal', gamma: 1 },
    });
    expect(await losses({ loss: { use: 'focal' } })).toEqual({ ...classes, loss: { use: 'focal', gamma: 2 } });
  });

  it('depends on how the dataset is configured', async () => {
    expect(await losses({ dataset: { use: 'csv', file: 'a.csv' } })).toEqual(classes);
  });

  it('is shown, and read back as it was', async () => {
    const shown = showPipeline(await load({}));
    expect(showPipeline(await loadPipeline(shown, { plugins: builtIn, defaults }))).toEqual(shown);
  });
});
