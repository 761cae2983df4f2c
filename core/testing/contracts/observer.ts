import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { EMPTY, from, Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import { RunError, reportError } from '../../errors/index.js';
import type { RunEvent } from '../../events/index.js';
import type { Observer } from '../../stages/index.js';
import type { Bench } from '../bench.js';
import { inFolder, record } from '../run-checks.js';
import { same } from '../comparisons.js';
import type { Check } from '../suite.js';

/** Milliseconds that an observer may take to finish. */
const patience = 10_000;

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
    at('writes down what it holds back when it is asked to', async (observer, events) => {
      const told = new Subject<RunEvent>();
      const finished = observer.observe(told);
      for (const event of events.slice(0, 5)) told.next(event);
      await observer.flush?.();
      for (const event of events.slice(5)) told.next(event);
      told.complete();
      await finished;
    }),
    at('leaves the events as they are', async (observer, events) => {
      const copies = structuredClone<readonly RunEvent[]>(events);
      await finishes(observer, from(copies));
      same(copies, events, 'the events');
    }),
  ];
};

/** Settled either way: what it throws ends this observer alone. */
async function finishes(observer: Observer, events: Observable<RunEvent>): Promise<void> {
  const stop = new AbortController();
  const late = setTimeout(patience, 'late', { signal: stop.signal }).catch(() => 'stopped');
  const outcome = await Promise.race([observer.observe(events).then(() => 'finished'), late]);
  stop.abort();
  assert.equal(outcome, 'finished', `observe() did not settle within ${patience / 1000} s after the last event`);
}
