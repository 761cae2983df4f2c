import { describe, expect, it } from '@jest/globals';
import {
  concat,
  from,
  ignoreElements,
  lastValueFrom,
  NEVER,
  of,
  Subject,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import type { RunEvent } from '../../core/events/index.js';
import { attach } from '../../core/observers/index.js';
import { record, start, wholeRun } from './recorded.js';

const boom = () => {
  throw new Error('boom');
};

/** Attaches an observer to a short run. @returns what was reported. */
async function attached(
  observe: (events: Observable<RunEvent>) => Promise<void>,
  events: Observable<RunEvent> = from(wholeRun),
) {
  const reports: string[] = [];
  const { finish } = attach({ name: 'mine', observe }, events, (listener, error) =>
    reports.push(`${listener}: ${(error as Error).message}`),
  );
  await finish();
  return reports;
}

describe('attach', () => {
  it('hands every event over and waits until all is written', async () => {
    const seen: RunEvent[] = [];
    let written = false;
    const reports = await attached(async (events) => {
      await events.forEach((event) => seen.push(event));
      await new Promise((resolve) => setTimeout(resolve, 5));
      written = true;
    });
    expect({ reports, written }).toEqual({ reports: [], written: true });
    expect(seen).toEqual(wholeRun);
  });

  it.each<[string, (events: Observable<RunEvent>) => Promise<void>]>([
    ['throws at once', boom],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['throws in its listener and never settles', (events) => (events.subscribe(boom), new Promise(() => {}))],
    [
      'throws in an operator',
      (events) => lastValueFrom(events.pipe(tap(boom), ignoreElements()), { defaultValue: undefined }),
    ],
    ['throws in forEach', (events) => events.forEach(boom)],
    [
      'fails in two places',
      (events) => {
        events.subscribe(boom);
        events.subscribe(boom);
        return Promise.reject(new Error('again'));
      },
    ],
  ])('reports an observer that %s once', async (_, observe) => {
    expect(await attached(observe)).toEqual(['mine: boom']);
  });

  it('waits for no observer for ever, and asks one that was late for nothing more', async () => {
    let asked = 0;
    const reports: string[] = [];
    const slow = attach(
      {
        name: 'slow',
        observe: () => new Promise(() => undefined),
        flush: () => (asked++, new Promise<void>(() => undefined)),
      },
      new Subject<RunEvent>(),
      (listener, error) => reports.push(`${listener}: ${(error as Error).message}`),
      { patience: 20 },
    );
    await slow.flush();
    await slow.flush();
    expect(asked).toBe(1);
    await slow.finish();
    expect(reports).toEqual([
      'slow: it did not flush within 0.02 seconds',
      'slow: it did not finish after the last event within 0.02 seconds',
    ]);
  });

  it('reports a flush that fails once, and tries again', async () => {
    let asked = 0;
    const reports: unknown[] = [];
    const seen: string[] = [];
    const events = new Subject<RunEvent>();
    const observer = attach(
      {
        name: 'full',
        observe: (own) => own.forEach(({ type }) => seen.push(type)),
        flush: () => (asked++, boom()),
      },
      events,
      (_, error) => reports.push(error),
    );
    await observer.flush();
    await observer.flush();
    events.next(wholeRun[0]!);
    expect({ asked, reports: reports.length, seen }).toEqual({ asked: 2, reports: 1, seen: ['run:start'] });
    events.complete();
    await observer.finish();
  });

  it('ends the events of an observer that failed, and of no other', async () => {
    const events = new Subject<RunEvent>();
    const seen: string[] = [];
    let fail = () => {};
    const failing = attach(
      {
        name: 'failing',
        observe: (own) => {
          own.subscribe({
            next: ({ type }) => seen.push(`failing ${type}`),
            complete: () => seen.push('failing over'),
          });
          return new Promise((_, reject) => (fail = () => reject(new Error('boom'))));
        },
      },
      events,
      () => seen.push('reported'),
    );
    const other = attach(
      { name: 'other', observe: (own) => own.forEach(({ type }) => seen.push(`other ${type}`)) },
      events,
      boom,
    );
    const [first, second] = wholeRun;
    events.next(first!);
    fail();
    await failing.finish();
    events.next(second!);
    events.complete();
    await other.finish();
    expect(seen).toEqual(['failing run:start', 'other run:start', 'failing over', 'reported', 'other epoch:start']);
  });

  it('completes the events of a failed run', async () => {
    const events = concat(
      from(record([start])),
      throwError(() => new Error('run failed')),
    );
    expect(await attached((own) => own.forEach(() => {}), events)).toEqual([]);
  });

  it('lets an observer leave early', async () => {
    expect(await attached(() => Promise.resolve(), concat(of(wholeRun[0]!), NEVER))).toEqual([]);
  });
});
