import { describe, expect, it } from '@jest/globals';
import { differences, engineDifferences, measurements, type RunEntry } from '../../core/runs/index.js';
import { engine, summary } from '../observers/recorded.js';

const run = (config: unknown, more: Partial<RunEntry> = {}): RunEntry => ({
  folder: '/runs/a/001',
  state: 'ended',
  name: 'a',
  strategy: 'maxl',
  dataset: 'mnist',
  seed: 1,
  config,
  epochs: { done: 1, of: 1 },
  started: 0,
  durationMs: 5,
  ...more,
});

describe('differences', () => {
  it('are the keys whose values differ, in order, wherever they are missing', () => {
    const a = run({ seed: 1, model: { use: 'mlp', hidden: [4] }, observers: [], auxiliary: { use: 'maxl', psi: 5 } });
    const b = run({ seed: 2, model: { use: 'mlp', hidden: [4, 4] }, observers: [], auxiliary: { use: 'single-task' } });
    expect(differences([a, b])).toEqual([
      { key: 'seed', values: [1, 2] },
      { key: 'model.hidden', values: [[4], [4, 4]] },
      { key: 'auxiliary.use', values: ['maxl', 'single-task'] },
      { key: 'auxiliary.psi', values: [5, undefined] },
    ]);
    expect(differences([a, a, b]).map(({ key }) => key)).toContain('seed');
    expect(differences([a, a])).toEqual([]);
  });
});

describe('engineDifferences', () => {
  it('are told where two records have engines that differ', () => {
    const a = run({}, { engine });
    const b = run({}, { engine: { ...engine, oneDnn: false, processor: { model: 'another' } } });
    expect(engineDifferences([a, b])).toEqual([
      { key: 'engine.oneDnn', values: [true, false] },
      { key: 'engine.processor.model', values: ['a processor', 'another'] },
      { key: 'engine.processor.vectors', values: [['avx', 'avx2'], undefined] },
    ]);
    expect(engineDifferences([a, run({}), a])).toEqual([]);
  });
});

describe('measurements', () => {
  it('stand side by side, also where a run has not ended', () => {
    const metrics = { primaryLoss: 0.5, primaryAccuracy: 0.8, learningRate: 0.1 };
    const rows = measurements([run({}, { summary, metrics }), run({}, { metrics: { ...metrics, primaryLoss: 0.7 } })]);
    expect(rows).toContainEqual({ key: 'test.primaryAccuracy', values: [0.9671, undefined] });
    expect(rows).toContainEqual({ key: 'metrics.primaryLoss', values: [0.5, 0.7] });
    expect(rows).toContainEqual({ key: 'durationMs', values: [5, 5] });
    expect(rows.map(({ key }) => key)).not.toContain('test.split');
  });
});
