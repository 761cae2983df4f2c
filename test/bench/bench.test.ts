import { describe, expect, it } from '@jest/globals';
import { evaluate } from './goals.mjs';
import { quantile, ratio, spread } from './statistics.mjs';
import { goalsTable, sidesTable } from './tables.mjs';
import { inTurns, lastLine, reason, times } from './turns.mjs';

/** A side measured in two turns of two repeats. */
const side = (train: number, meta: number, peakBytes: number) => ({
  turns: [0, 10].map((drift) => ({
    passes: {
      train: { timesMs: [train + drift, train + drift + 2], peakBytes },
      meta: { timesMs: [meta + drift, meta + drift], peakBytes: peakBytes / 2 },
    },
    baseBytes: 50e6,
    versions: {},
  })),
});

describe('statistics', () => {
  it('takes quantiles between neighbours, in any order', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([5, 1, 3], 0.5)).toBe(3);
    expect(spread([10, 0, 20, 40, 30])).toEqual({ median: 20, low: 10, high: 30, count: 5 });
  });

  it('divides the medians of all repeats, and those of each turn', () => {
    expect(ratio([[1, 1, 1], [3]], [[2], [4, 4, 4]])).toEqual({ value: 1 / 4, low: 0.5, high: 0.75 });
  });
});

describe('turns', () => {
  it('runs every side once in each turn, and leaves out one that fails', async () => {
    const order: string[] = [];
    const print = (text: string) => ({ command: process.execPath, args: ['-e', text], request: {} });
    const fine = print('console.log("noise"); console.log(JSON.stringify({ passes: {}, versions: {} }))');
    const broken = print('throw new TypeError("too wide")');
    const taken = await inTurns({ a: fine, b: broken, c: fine }, 2, (name, turn) => order.push(`${name}${turn}`));
    expect(order).toEqual(['a0', 'b0', 'c0', 'a1', 'c1']);
    expect(taken['a']).toEqual({ turns: [0, 1].map(() => ({ passes: {}, versions: {} })) });
    expect(taken['b']?.failure).toBe('TypeError: too wide');
  });

  it('reads the last line, and the line that names an error', () => {
    expect(lastLine('warning\n{"a":1}\n')).toEqual({ a: 1 });
    expect(reason('Traceback\n  File "x"\nValueError: bad\n')).toBe('ValueError: bad');
    expect(reason('file:1\n\nConfigError: no such key\n    at y\n\nNode.js v20')).toBe('ConfigError: no such key');
  });

  it('adds the passes of an epoch up, batch by batch', () => {
    expect(times(side(100, 200, 1), 'meta')).toEqual([
      [200, 200],
      [210, 210],
    ]);
    expect(times(side(100, 200, 1), 'epoch')).toEqual([
      [300, 302],
      [320, 322],
    ]);
  });
});

describe('goals', () => {
  const taken = { epoch: side(90, 200, 80e6), tuned: side(100, 200, 70e6), published: { turns: [], failure: 'gone' } };
  const outcomes = evaluate(taken);
  const of = (quantity: string) =>
    outcomes.find((outcome) => outcome.quantity === quantity && outcome.peer === 'tuned');

  it('compares what both sides have, and says which goals are reached', () => {
    expect(of('train')).toMatchObject({ oursMedian: 96, peerMedian: 106, limit: 0.95, reached: true });
    expect(of('meta')).toMatchObject({ ratio: 1, limit: 0.9, reached: false });
    expect(of('memory')).toMatchObject({ oursMedian: 80e6, peerMedian: 70e6, reached: false });
    expect(of('epoch')).not.toHaveProperty('reached');
    expect(outcomes.filter(({ peer }) => peer === 'published')).toEqual([]);
  });

  it('prints both tables', () => {
    expect(goalsTable(outcomes).split('\n')[2]).toMatch(
      /^\| train +\| epoch \| tuned \| 0\.906 \(0\.901-0\.910\) +\| <= 0\.95 \| yes +\|$/,
    );
    const [, , epoch, , published] = sidesTable(taken).split('\n');
    expect(epoch).toMatch(/^\| epoch +\| 96 \(92-101\) +\| 205 \(200-210\) .*\| 80 +\| 50 +\| 4 \|$/);
    expect(published).toMatch(/failed/);
  });
});
