import { describe, expect, it } from '@jest/globals';
import { accuracy, rSquared } from '../../core/events/index.js';
import { comparisonFiles } from '../../core/compare/comparison-files.js';
import type { Comparison, VariantResult } from '../../core/compare/index.js';
import { costTable, remarks, scoreTable } from '../../core/compare/tables.js';

const of = (mean: number) => ({ n: 1, mean });
const variant = (changes: Partial<VariantResult> = {}): VariantResult => ({
  label: 'maxl',
  control: false,
  strategy: 'maxl',
  set: [],
  epochs: 4,
  score: { last: of(0.5), lastEpochs: of(0.5) },
  differences: {},
  lastEpochs: 4,
  steps: 100,
  batches: 200,
  trainingMs: of(9000),
  durationMs: of(12_000),
  trials: [{ seed: 1, directory: '/runs/1', score: 0.5, peakBytes: 2 ** 20 }],
  missing: [],
  ...changes,
});
const comparison = (variants: readonly VariantResult[], changes: Partial<Comparison> = {}): Comparison => ({
  name: 'toy',
  directory: '/toy',
  budget: { of: 'time', total: 10_000, statement: '10.0 s of training for each' },
  seeds: [1, 2],
  controls: [],
  variants,
  scoredBy: accuracy,
  notes: [],
  stopped: false,
  ...changes,
});
const failed = variant({
  label: 'broken',
  score: {},
  trials: [],
  missing: [{ seed: 1, reason: 'NaN' }],
  ...Object.fromEntries(['lastEpochs', 'steps', 'batches', 'trainingMs', 'durationMs'].map((key) => [key, undefined])),
});
const notes = (...given: Parameters<typeof comparison>) =>
  remarks(comparison(...given)).filter((remark) => remark.startsWith('Note'));

describe('the tables of a comparison', () => {
  it('say how many last epochs a mean is of', () => {
    const title = (...counts: number[]) =>
      scoreTable(comparison(counts.map((lastEpochs) => variant({ lastEpochs }))), 'lastEpochs')!.title;
    expect(title(5, 5)).toBe('test accuracy in %, mean of the last 5 epochs');
    expect(title(1)).toBe('test accuracy in %, mean of the last 1 epoch');
    expect(title(5, 2)).toBe('test accuracy in %, mean of the last 2 to 5 epochs');
  });

  it('write an R2 as a plain number, and as exactly as a percentage', () => {
    const other = variant({ differences: { maxl: { last: { n: 2, mean: -0.01234, interval: 0.002 } } } });
    const table = (changes: Partial<Comparison>) =>
      scoreTable(comparison([variant(), other], { controls: ['maxl'], ...changes }), 'last')!;
    expect(table({}).rows[1]!.slice(2)).toEqual(['50.00', '-1.23 ± 0.20* (n 2)']);
    const { title, rows } = table({ scoredBy: rSquared });
    expect(title).toBe('test R², weights of the last epoch');
    expect(rows[1]!.slice(2)).toEqual(['0.5000', '-0.0123 ± 0.0020* (n 2)']);
  });

  it('show the seconds of training beside the promised ones, and those of the whole run', () => {
    const { header, rows } = costTable(comparison([variant()]));
    expect(header.slice(-3)).toEqual(['training s', 'run s', 'peak MB']);
    expect(rows[0]!.slice(-3)).toEqual(['9.0 of 10.0', '12.0', '-']);
    const steps = { of: 'steps', total: 100, statement: '' } as const;
    expect(costTable(comparison([variant()], { budget: steps })).rows[0]!.at(-3)).toBe('9.0');
    expect(remarks(comparison([variant()])).join()).toMatch(
      /Training seconds hold .*gradient cosine.*validation, tests/,
    );
  });

  it('show no epochs of a variant that has no run', () => {
    const both = comparison([variant(), failed]);
    expect(costTable(both).rows.map((row) => row[4])).toEqual(['4', '-']);
    const { 'comparison.csv': text } = comparisonFiles(both);
    const [header, , row] = text!.split('\n').map((line) => line.split(','));
    expect(row![header!.indexOf('epochs')]).toBe('');
  });
});

describe('the remarks on a comparison', () => {
  it('tell of variants that spent a tenth more or less than the budget', () => {
    expect(notes([variant(), variant({ trainingMs: of(11_000) }), failed])).toEqual([]);
    expect(notes([variant({ trainingMs: of(14_100) }), variant({ label: 'plain', trainingMs: of(8000) })])).toEqual([
      'Note: maxl trained for 14.1 s, 41% more than the 10.0 s promised.',
      'Note: plain trained for 8.0 s, 20% less than the 10.0 s promised.',
    ]);
    const batches = { of: 'batches', total: 100, statement: '' } as const;
    expect(notes([variant()], { budget: batches })).toEqual([
      'Note: maxl trained for 200 batches, 100% more than the 100 batches promised.',
    ]);
  });

  it('say of one seed that it has no interval', () => {
    const one = remarks(comparison([variant()], { seeds: [7] })).join('\n');
    expect(one).toContain('Seed 7: it pairs initial weights');
    expect(one).toContain('Differences are of one seed: there is no interval');
    expect(one).not.toContain('95%');
    expect(remarks(comparison([variant()])).join('\n')).toMatch(/Seeds 1, 2: each pairs[^]*95% t interval/);
  });

  it('say how many settings were tried', () => {
    const found = { settings: ['a=1'], tried: 3, score: 0.5 };
    expect(remarks(comparison([variant({ found })]))).toContain(
      'Found for maxl, 3 tried: a=1 (50.00% on validation data).',
    );
  });
});
