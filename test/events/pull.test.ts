import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, lastValueFrom, take, toArray } from 'rxjs';
import { pull } from '../../core/events/index.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Counts what it hands out and what of it still lives. */
class Source {
  live = 0;
  mostLive = 0;
  drawn = 0;
  ended = false;

  constructor(private readonly size: number) {}

  *items() {
    try {
      for (let index = 0; index < this.size; index++) {
        this.drawn++;
        this.mostLive = Math.max(this.mostLive, ++this.live);
        yield { index, [Symbol.dispose]: () => this.live-- };
      }
    } finally {
      this.ended = true;
    }
  }
}

describe('pull', () => {
  it('is map, for synchronous and asynchronous steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.boolean(), async (items, slow) => {
        const step = (item: number) => (slow ? Promise.resolve([item + 1]) : [item + 1]);
        expect(await lastValueFrom(pull(items, step).pipe(toArray()))).toEqual(items.map((item) => item + 1));
      }),
      { numRuns: 30 },
    );
  });

  it('emits each result of a step, in order, before the next step', async () => {
    const drawn: number[] = [];
    const results = pull(
      [0, 1, 2, 3],
      (count) => (drawn.push(count), Array.from({ length: count }, (_, i) => count * 10 + i)),
    );
    const seen: [number, number][] = [];
    await results.forEach((result) => void seen.push([result, drawn.length]));
    expect(seen).toEqual([
      [10, 2],
      [20, 3],
      [21, 3],
      [30, 4],
      [31, 4],
      [32, 4],
    ]);
  });

  it('starts nothing until it is subscribed, and anew for each subscriber', async () => {
    const sources: Source[] = [];
    const pass = pull(
      () => (sources.push(new Source(3)), sources.at(-1)!.items()),
      ({ index }) => [index],
    );
    expect(sources).toHaveLength(0);
    expect(await lastValueFrom(pass.pipe(toArray()))).toEqual([0, 1, 2]);
    expect(await lastValueFrom(pass.pipe(toArray()))).toEqual([0, 1, 2]);
    expect(sources).toHaveLength(2);
  });

  it('holds one item at a time over 10,000', async () => {
    const source = new Source(10_000);
    let steps = 0;
    await lastValueFrom(
      pull(source.items(), async ({ index }) => {
        steps++;
        if (index % 100 === 0) await turn();
        expect(source.drawn).toBe(index + 1);
        return [index];
      }),
    );
    expect(steps).toBe(10_000);
    expect(source).toMatchObject({ live: 0, mostLive: 1, ended: true });
  });

  it('gives the event loop a turn between steps', async () => {
    let turns = 0;
    let watching = true;
    const count = () => {
      turns++;
      if (watching) setImmediate(count);
    };
    setImmediate(count);
    await lastValueFrom(pull(new Source(50).items(), () => [0]));
    watching = false;
    expect(turns).toBeGreaterThanOrEqual(50);
  });

  it('frees everything at once when unsubscribed between two steps', async () => {
    const source = new Source(100);
    let steps = 0;
    const subscription = pull(source.items(), () => [++steps]).subscribe();
    while (steps < 3) await turn();
    subscription.unsubscribe();
    expect(source).toMatchObject({ live: 0, ended: true });
    await turn();
    expect({ steps, drawn: source.drawn }).toEqual({ steps: 3, drawn: 3 });
  });

  it('never steps when unsubscribed before its first turn', async () => {
    const source = new Source(2);
    pull(source.items(), () => [])
      .subscribe()
      .unsubscribe();
    await turn();
    expect(source).toMatchObject({ drawn: 0, live: 0 });
  });

  it('lets a running step finish, with its item alive, when unsubscribed', async () => {
    const source = new Source(100);
    const log: string[] = [];
    let finish = () => {};
    const subscription = pull(source.items(), async () => {
      log.push('step');
      await new Promise<void>((resolve) => (finish = resolve));
      log.push(`live ${source.live}`);
      return ['done'];
    }).subscribe(() => log.push('next'));
    await turn();
    subscription.unsubscribe();
    expect(source).toMatchObject({ live: 1, ended: false });
    finish();
    await turn();
    expect(log).toEqual(['step', 'live 1']);
    expect(source).toMatchObject({ live: 0, drawn: 1, ended: true });
  });

  it('stops where a downstream operator has enough', async () => {
    const source = new Source(100);
    const taken = pull(source.items(), ({ index }) => [index]).pipe(take(2), toArray());
    expect(await lastValueFrom(taken)).toEqual([0, 1]);
    expect(source).toMatchObject({ live: 0, drawn: 2, ended: true });
  });

  it.each([
    [
      'synchronous',
      () => {
        throw new Error('step failed');
      },
    ],
    ['asynchronous', () => Promise.reject(new Error('step failed'))],
  ])('errors and frees everything when a %s step fails', async (_, step) => {
    const source = new Source(5);
    await expect(lastValueFrom(pull(source.items(), step))).rejects.toThrow('step failed');
    expect(source).toMatchObject({ live: 0, drawn: 1, ended: true });
  });

  it('errors when the source does', async () => {
    const broken = function* () {
      yield 1;
      throw new Error('disk gone');
    };
    const seen: number[] = [];
    const failure = await new Promise((resolve) => {
      pull(broken, (item) => [item]).subscribe({ next: (item) => seen.push(item), error: resolve });
    });
    expect(failure).toEqual(new Error('disk gone'));
    expect(seen).toEqual([1]);
  });

  it("reports the step's error rather than one from the source's clean-up", async () => {
    const untidy = function* () {
      try {
        yield 1;
      } finally {
        // eslint-disable-next-line no-unsafe-finally -- the fault under test
        throw new Error('clean-up failed');
      }
    };
    const pass = pull(untidy, () => Promise.reject(new Error('step failed')));
    await expect(lastValueFrom(pass)).rejects.toThrow('step failed');
  });

  it('runs one pass after the other with concat', async () => {
    const order: string[] = [];
    const pass = (name: string) =>
      pull(
        () => (order.push(`${name} starts`), [1, 2]),
        (step) => [order.push(`${name} ${step}`)],
      );
    await lastValueFrom(concat(pass('train'), pass('meta')));
    expect(order).toEqual(['train starts', 'train 1', 'train 2', 'meta starts', 'meta 1', 'meta 2']);
  });
});
