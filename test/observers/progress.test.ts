import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { concat, from, NEVER, Subject, takeUntil, throwError, timer } from 'rxjs';
import type { RunEvent } from '../../core/events/index.js';
import { formatEvent, parseEvent, progress } from '../../core/observers/index.js';
import { end, epoch, failed, record, start, stopped, wholeRun } from './recorded.js';

/** A stream that remembers what was written. */
function paper({ columns }: { columns?: number } = {}) {
  let text = '';
  const write = (chunk: unknown, _: BufferEncoding, done: () => void) => {
    text += String(chunk);
    done();
  };
  const stream = new Writable({ write });
  if (columns) Object.assign(stream, { isTTY: true, columns });
  return { stream, text: () => text };
}

async function lines(events: readonly RunEvent[], color = false): Promise<string[]> {
  const { stream, text } = paper();
  await progress({ stream, interactive: false, color }).observe(from(events));
  return text().split('\n');
}

describe('progress elsewhere than in a terminal', () => {
  it('is one aligned line per epoch, with the time left at the measured pace', async () => {
    expect(await lines(wholeRun)).toEqual([
      'mnist-parity  maxl  2 epochs  1,000 samples  104,684 parameters',
      'epoch 1/2  loss 0.412  aux 1.203  accuracy 88.1%  validation 90.2%  cosine  0.13    10 s  left   10 s',
      'epoch 2/2  loss 0.412  aux 1.203  accuracy 88.1%  validation 90.2%  cosine  0.13    10 s',
      'finished  test accuracy 96.7%  loss 0.101  24 s',
      '',
    ]);
  });

  it('says the same when the run is replayed', async () => {
    expect(await lines(wholeRun.map((event) => parseEvent(formatEvent(event))))).toEqual(await lines(wholeRun));
  });

  it('leaves out what was not measured and keeps columns in line', async () => {
    const metrics = { primaryLoss: 12.34567, primaryAccuracy: 0.0512, gradientCosine: -0.5, learningRate: 1 };
    const output = await lines(
      record([start, [0, { type: 'epoch:end', epoch: 3, epochs: 120, metrics, durationMs: 61_000 }]]),
    );
    expect(output[1]).toBe('epoch   3/120  loss 12.346  accuracy  5.1%  cosine -0.50  1m 01s');
  });

  it('shows preparation, warnings and failed listeners', async () => {
    const error = { name: 'Error', code: 'internal', message: 'disk full' };
    const output = await lines(
      record([
        [0, { type: 'warning', code: 'config/unused', message: '`fine` has no use here', hint: 'Drop it.' }],
        [0, { type: 'prepare:start', stage: 'clusters' }],
        [0, { type: 'prepare:progress', stage: 'clusters', fraction: 0.5 }],
        [0, { type: 'prepare:end', stage: 'clusters', durationMs: 3_725_000 }],
        [0, { type: 'listener:error', listener: 'tensorboard', error }],
      ]),
    );
    expect(output).toEqual([
      'warning  `fine` has no use here (config/unused)',
      '         Drop it.',
      'preparing clusters',
      'prepared clusters  1h 02m',
      'warning  listener tensorboard: disk full',
      '',
    ]);
  });

  it('ends with how the run ended', async () => {
    expect((await lines(record([start, ...epoch(1), stopped]))).at(-2)).toBe(
      'stopped  after 1 of 2 epochs: SIGINT  12 s',
    );
    expect((await lines(record([start, failed]))).at(-2)).toBe('failed  after 0 of 2 epochs  12 s');
  });

  it('is coloured only when asked', async () => {
    const escape = String.fromCharCode(27);
    expect((await lines(wholeRun)).join('')).not.toContain(escape);
    expect((await lines(wholeRun, true))[0]).toContain(`${escape}[1mmnist-parity${escape}[22m`);
  });
});

describe('progress in a terminal', () => {
  const show = async (events: readonly RunEvent[], columns = 80) => {
    const { stream, text } = paper({ columns });
    await progress({ stream, interactive: true, color: false }).observe(from(events));
    return text();
  };
  /** The last bar that was drawn. */
  const lastBar = (text: string) =>
    stripVTControlCharacters(text.replaceAll('\u001b[', '\n\u001b['))
      .split('\n')
      .filter((line) => /[█░]/.test(line))
      .at(-1);

  it('draws epoch, pass, step, means so far, validation and time left into one line', async () => {
    const upTo = wholeRun.slice(0, 12); // epoch 2, first meta-step
    expect(lastBar(await show(upTo))).toBe(
      'epoch 2/2  meta  1/2  █████████░  loss 0.400  acc 85.0%  val 90.2%  left  5.0 s',
    );
  });

  it('fits the terminal', async () => {
    for (const columns of [80, 100, 200]) {
      expect(lastBar(await show(wholeRun.slice(0, 12), columns))!.length).toBeLessThan(columns);
    }
  });

  it('draws the preparation', async () => {
    const events = record([
      start,
      [0, { type: 'prepare:start', stage: 'clusters' }],
      [0, { type: 'prepare:progress', stage: 'clusters', fraction: 0.5 }],
    ]);
    expect(lastBar(await show(events))).toBe('prepare clusters  ████████████░░░░░░░░░░░░  50.0%');
  });

  it.each([
    ['finished', end, 'finished  test accuracy 96.7%  loss 0.101  24 s'],
    ['stopped', stopped, 'stopped  after 1 of 2 epochs: SIGINT  12 s'],
    ['failed', failed, 'failed  after 1 of 2 epochs  12 s'],
  ])('clears the bar and restores the terminal when %s', async (_, last, line) => {
    const text = await show(record([start, ...epoch(1), last]));
    expect(text.endsWith(`${line}\n`)).toBe(true);
    expect(text.lastIndexOf('\u001b[?7h')).toBeGreaterThan(text.lastIndexOf('\u001b[?7l'));
  });

  it('prints a warning above the bar and goes on', async () => {
    const text = await show(
      record([
        start,
        ...epoch(1).slice(0, 2),
        [0, { type: 'warning', code: 'x', message: 'careful' }],
        ...epoch(1).slice(2, 3),
      ]),
    );
    expect(text).toContain('\u001b[2Kwarning  careful (x)\n');
    expect(lastBar(text)).toContain('train 2/2');
  });

  it('leaves no timer behind when its events are cut off or fail', async () => {
    const { stream } = paper({ columns: 80 });
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const observe = progress({ stream, interactive: true, color: false }).observe;
    await observe(concat(from(wholeRun.slice(0, 5)), NEVER).pipe(takeUntil(timer(1))));
    await observe(
      concat(
        from(wholeRun.slice(0, 5)),
        throwError(() => new Error('run failed')),
      ),
    );
    expect(timers()).toBe(before);
  });
});

describe.each([true, false])('a closed stream (interactive: %s)', (interactive) => {
  it.each([
    ['destroyed', (stream: PassThrough) => stream.destroy()],
    ['ended', (stream: PassThrough) => stream.end()],
    ['broken', (stream: PassThrough) => stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))],
  ])('that is %s does no harm', async (_, close) => {
    const stream = Object.assign(new PassThrough(), { isTTY: interactive, columns: 80 });
    const events = new Subject<RunEvent>();
    const shown = progress({ stream, interactive, color: false }).observe(events);
    wholeRun.forEach((event, index) => {
      if (index === 5) close(stream);
      events.next(event);
    });
    events.complete();
    await shown;
    await new Promise(setImmediate);
  });
});
