import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  filter,
  firstValueFrom,
  interval,
  map,
  NEVER,
  observeOn,
  asyncScheduler,
  of,
  share,
  Subject,
  take,
  throwError,
} from 'rxjs';
import ts from 'typescript';
import { deliver, guardSubscriber, isolate, IsolatedObservable } from '../../core/events/index.js';

const boom = () => {
  throw new Error('boom');
};

/** Runs a script that has everything of isolate.ts and rxjs at hand, in a process of its own. */
function runAlone(script: string) {
  const source = readFileSync('core/events/isolate.ts', 'utf8');
  const module = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return spawnSync(process.execPath, ['--input-type=module', '--eval', `${module.outputText}\n${script}`], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  });
}

describe('a listener that throws', () => {
  it('is detached and reported once; the source and the others go on', () => {
    const source = new Subject<number>();
    const errors: unknown[] = [];
    const calls: number[] = [];
    const others: number[] = [];
    source.subscribe(
      guardSubscriber(
        (value: number) => (calls.push(value), boom()),
        (error) => errors.push(error),
      ),
    );
    source.subscribe((value) => others.push(value));
    source.next(1);
    source.next(2);
    source.complete();
    expect(errors).toEqual([new Error('boom')]);
    expect({ calls, others }).toEqual({ calls: [1], others: [1, 2] });
  });

  it('is not told of the error that its own throw became', () => {
    const events = new Subject<string>();
    const seen: string[] = [];
    const guarded = isolate(events, () => events.next('listener:error'));
    guarded.subscribe((event) => (seen.push(`bad ${event}`), boom()));
    guarded.subscribe((event) => seen.push(`good ${event}`));
    events.next('step:end');
    expect(seen.sort()).toEqual(['bad step:end', 'good listener:error', 'good step:end']);
  });

  it('may throw in complete or error, or reject', async () => {
    const errors: unknown[] = [];
    const report = (error: unknown) => errors.push(error);
    isolate(of(1), report).subscribe({ complete: boom });
    isolate(
      throwError(() => new Error('source')),
      report,
    ).subscribe({ error: boom });
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what users do all the same
    isolate(of(1, 2), report).subscribe(async () => {
      await Promise.resolve();
      boom();
    });
    await new Promise(setImmediate);
    expect(errors).toEqual([new Error('boom'), new Error('boom'), new Error('boom')]);
  });

  it('is caught behind operators, shared streams and schedulers', async () => {
    const errors: string[] = [];
    const source = new Subject<number>();
    const guarded = isolate(source, (error) => errors.push((error as Error).message));
    const listen = (name: string) => () => {
      throw new Error(name);
    };
    guarded.pipe(filter((n) => n > 0), map((n) => n + 1)).subscribe(listen('piped')); // prettier-ignore
    const shared = guarded.pipe(share());
    shared.subscribe(listen('shared 1'));
    shared.pipe(take(5)).subscribe(listen('shared 2'));
    guarded.pipe(observeOn(asyncScheduler)).subscribe(listen('scheduled'));
    source.next(1);
    source.next(2);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(errors.sort()).toEqual(['piped', 'scheduled', 'shared 1', 'shared 2']);
  });

  it('is reported to the run whose event it was handling', () => {
    const reports: string[] = [];
    let runs = 0;
    const run = new IsolatedObservable<number>((subscriber) => {
      const name = `run ${++runs}`;
      of(runs).subscribe(deliver(subscriber, () => reports.push(name)));
    });
    run.subscribe(() => {});
    run.pipe(map((n) => n)).subscribe(boom);
    run.subscribe(boom);
    run.subscribe(() => void run.subscribe(boom)); // run 4 and, inside its event, run 5
    expect(reports).toEqual(['run 2', 'run 3', 'run 5']);
  });
});

describe('an isolated observable', () => {
  it('passes values, completion, errors and unsubscription through', async () => {
    const ignore = () => {};
    expect(await firstValueFrom(isolate(of(7), ignore))).toBe(7);
    await expect(
      firstValueFrom(
        isolate(
          throwError(() => new Error('source')),
          ignore,
        ),
      ),
    ).rejects.toThrow('source');
    let stopped = false;
    const endless = isolate(new IsolatedObservable(() => () => (stopped = true)), ignore);
    endless.pipe(map((value) => value)).subscribe().unsubscribe(); // prettier-ignore
    expect(stopped).toBe(true);
  });

  it('is unsubscribed by a throw in an operator of the listener', async () => {
    let stopped = false;
    const run = new IsolatedObservable<number>((subscriber) => {
      const source = interval(1).subscribe(deliver(subscriber, () => {}));
      return () => {
        stopped = true;
        source.unsubscribe();
      };
    });
    await expect(firstValueFrom(run.pipe(map(boom)))).rejects.toThrow('boom');
    expect(stopped).toBe(true);
  });

  it('lets its listener stop it', () => {
    const subscription = isolate(NEVER, () => {}).subscribe();
    subscription.unsubscribe();
    expect(subscription.closed).toBe(true);
  });
});

describe('the process', () => {
  const listeners = `
    import { map as rxMap, observeOn as on, asyncScheduler as later } from 'rxjs';
    const report = (error) => console.log('reported', error.message);
    const source = new Observable((s) => { setTimeout(() => { s.next(1); s.next(2); s.complete(); }, 1); });
    const boom = (name) => () => { throw new Error(name); };
    process.on('exit', (code) => console.log('exit', code));
  `;

  it('survives throwing listeners of every kind', () => {
    const { stdout, status } = runAlone(`${listeners}
      source.subscribe(guardSubscriber(boom('guarded'), report));
      const run = isolate(source, report);
      run.subscribe(boom('direct'));
      run.subscribe(null, null, boom('complete'));
      run.pipe(rxMap((n) => n)).subscribe(boom('piped'));
      run.pipe(on(later, 1)).subscribe(boom('scheduled'));
      run.subscribe(async () => { throw new Error('rejected'); });
      isolate(source, boom('the reporter')).subscribe(boom('unreported'));
    `);
    expect(stdout.trim().split('\n').sort()).toEqual(
      [
        ...['complete', 'direct', 'guarded', 'piped', 'rejected', 'scheduled'].map((name) => `reported ${name}`),
        'exit 0',
      ].sort(),
    );
    expect(status).toBe(0);
  });

  it('would not survive them unguarded', () => {
    const { status, stderr } = runAlone(`${listeners} source.subscribe(boom('direct'));`);
    expect(status).not.toBe(0);
    expect(stderr).toContain('direct');
  });

  it('ends when the source fails and nobody handles it', () => {
    const { status, stderr } = runAlone(
      `${listeners} isolate(throwError(() => new Error('run failed')), report).subscribe(() => {});`,
    );
    expect(status).not.toBe(0);
    expect(stderr).toContain('run failed');
  });
});
