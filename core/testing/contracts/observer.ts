import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { EMPTY, from, Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import { RunError, reportError } from '../../errors/index.js';
import type { RunEvent } from '../../events/index.js';
import type { Observer } from '../../stages/index.js';
import type { Bench } from '../bench.js';
import { inFolder, patience, record } from '../run-checks.js';
import { same } from '../comparisons.js';
import type { Check } from '../suite.js';

/** What the contract of an observer asks beyond its configuration and whole runs. */
export const observerChecks = (bench: Bench): Check[] => {
  /** A fresh observer, and the events of a finished run whose folder is still there. */
  const at = (name: string, work: (observer: Observer, events: readonly RunEvent[]) => Promise<void>): Check => ({
    name,
    run: () =>
      inFolder(async (folder) => {
        const events = await record(bench, folder);
        await bench.with(({ observers }) => work(observers[0]!, events));
      }),
  });
  return [
    at('has a name', async ({ name }) => assert.match(name, /\S/)),
    at('finishes after the last event', (observer, events) => finishes(observer, from(events))),
    at('finishes where the run failed', (observer, events) => {
      const failed = { type: 'run:failed', error: reportError(new RunError('run/failed', 'it failed')), durationMs: 1 };
      const half = events.slice(0, events.length / 2);
      return finishes(observer, from([...half, { ...half.at(-1)!, ...failed } as RunEvent]));
    }),
    at('finishes where nothing happened', (observer) => finishes(observer, EMPTY)),
    at('writes down what it holds back whenever it is asked to', async (observer, events) => {
      const told = new Subject<RunEvent>();
      const finished = observer.observe(told);
      for (const [n, event] of events.entries()) {
        if (n % Math.ceil(events.length / 3) === 5) await inTime(observer.flush?.(), 'flush() did not settle');
        told.next(event);
      }
      told.complete();
      await inTime(finished, unsettled);
    }),
    at('leaves the events as they are', async (observer, events) => {
      const copies = structuredClone<readonly RunEvent[]>(events);
      await finishes(observer, from(copies));
      same(copies, events, 'the events');
    }),
  ];

  function finishes(observer: Observer, events: Observable<RunEvent>): Promise<void> {
    return inTime(observer.observe(events), unsettled);
  }

  /** Rejects as `work` does, which ends this observer alone, or where it takes too long. */
  async function inTime(work: Promise<void> | void, what: string): Promise<void> {
    const stop = new AbortController();
    const late = setTimeout(patience, 'late', { signal: stop.signal }).catch(() => 'stopped');
    const settled = Promise.resolve(work).then(() => 'settled');
    const outcome = await Promise.race([settled, late]).finally(() => stop.abort());
    if (outcome === 'settled') return;
    bench.late = `${what} within ${patience / 1000} seconds`;
    assert.fail(bench.late);
  }
};

const unsettled = 'observe() did not settle after the last event';
