import { describe, expect, it } from '@jest/globals';
import { contestants } from '../../core/compare/contestants.js';
import type { Variant } from '../../core/compare/index.js';
import { loadPipeline } from '../../core/config/index.js';
import { rSquared } from '../../core/events/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { toyPlugin, toySpec } from '../pipeline/toy.js';
import { single } from './toy-comparison.js';

const spec = toySpec({ loss: { use: 'mean-squared-error' }, auxiliary: { use: 'maxl', psi: 2 } });
const numbers = toyPlugin({ regression: true });
const enter = (controls: readonly Variant[], variants: readonly Variant[], plugins = [...builtIn, numbers]) => {
  const notes: string[] = [];
  const load = (set: readonly string[]) => loadPipeline(spec, { plugins, defaults, set });
  const entered = contestants({ controls, variants, load, select: true, note: (line) => notes.push(line) });
  return entered.then((all) => ({ all, notes }));
};
const entropy: Variant = { label: 'cross-entropy', set: ['loss.use=cross-entropy', 'auxiliary.use=single-task'] };

describe('a comparison of regressions', () => {
  it('is scored by R2, and leaves out a control whose loss is for classes', async () => {
    const { all, notes } = await enter([single, entropy], [{ label: 'maxl', set: [] }]);
    expect(all.map(({ label, survey }) => [label, survey.scoredBy])).toEqual([
      ['single-task', rSquared],
      ['maxl', rSquared],
    ]);
    expect(notes).toEqual([
      'cross-entropy is left out: this is a loss for classification, but the primary task of toy predicts the number "primary"',
    ]);
  });

  it('refuses a variant with such a loss, and one that tells classes instead', async () => {
    await expect(enter([], [entropy])).rejects.toThrow('cross-entropy: loss.use: this is a loss for classification');
    const classes: Variant = {
      label: 'classes',
      set: ['dataset={ use: testing-samples, validation: 6 }', 'loss.use=focal', 'auxiliary.use=single-task'],
    };
    const { surroundings } = await import('../../core/testing/surroundings.js');
    const mixed = enter([single], [classes], [...builtIn, numbers, surroundings]);
    await expect(mixed).rejects.toThrow('single-task is scored by R², but classes by accuracy');
  });
});
