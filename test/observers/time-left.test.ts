import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RunEvent } from '../../core/events/index.js';
import { TimeLeft } from '../../core/observers/time-left.js';
import { epoch, record, start, wholeRun } from './recorded.js';

const estimates = (events: readonly RunEvent[]) => {
  const timeLeft = new TimeLeft();
  return events.map((event) => timeLeft.after(event));
};

describe('TimeLeft', () => {
  it('knows nothing before the first step, then takes unseen passes to be like the seen ones', () => {
    // 2 epochs of 2 + 2 steps: 7 more at 1 s each.
    expect(estimates(wholeRun.slice(0, 3))).toEqual([undefined, undefined, 7000]);
  });

  it('counts each pass at its own pace, and what else an epoch holds once it is known', () => {
    const left = estimates(wholeRun);
    expect(left[4]).toBe(3000 + 2 * 1000 + 2 * 3000); // after the first meta-step
    expect(left[7]).toBe(2 * 1000 + 2 * 3000 + 2000); // after the first epoch
    expect(left.at(-2)).toBe(0);
  });

  it('is exact at each epoch end for a run of even pace', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 2, max: 9 }), (ms, epochs) => {
        const plan = { ...start[1], epochs } as (typeof start)[1];
        const scaled = Array.from({ length: epochs }, (_, index) => epoch(index + 1)).flat();
        const events = record([[0, plan], ...scaled.map(([after, body]) => [after * ms, body] as const)]);
        const total = events.at(-1)!.time;
        const left = estimates(events);
        for (const [index, event] of events.entries()) {
          if (event.type === 'epoch:end') expect(left[index]).toBeCloseTo(total - event.time, 3);
        }
      }),
    );
  });

  it('does not count what happened before the first epoch', () => {
    const slow = record([start, [60_000, { type: 'prepare:end', stage: 'clusters', durationMs: 60_000 }], ...epoch(1)]);
    expect(estimates(slow).at(-1)).toBe(10_000);
  });

  it('counts a step once that reports twice', () => {
    const [, train, , meta] = epoch(1);
    const both = record([
      start,
      [0, { type: 'epoch:start', epoch: 1, epochs: 2 }],
      train!,
      [500, { ...meta![1], pass: 'train' } as never],
    ]);
    // 1.5 s a step for the 3 train steps left; the unseen pass is taken to be like it.
    expect(estimates(both).at(-1)).toBe(3 * 1500 + 4 * 1500);
  });
});
