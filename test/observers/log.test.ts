import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { from } from 'rxjs';
import type { RunEvent } from '../../core/events/index.js';
import { log } from '../../core/observers/index.js';
import { failed, record, start, wholeRun } from './recorded.js';

async function logged(events: readonly RunEvent[], level = 'trace') {
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { level, base: null },
    { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  await log(logger).observe(from(events));
  return lines;
}

describe('log', () => {
  it('writes one line per event, named after its run', async () => {
    const lines = await logged(wholeRun);
    expect(lines).toHaveLength(wholeRun.length);
    expect(lines.every(({ run }) => run === 'mnist-parity')).toBe(true);
    expect(lines[7]).toMatchObject({
      level: 30,
      msg: 'epoch',
      epoch: 1,
      epochs: 2,
      primaryLoss: 0.4124,
      durationMs: 10_000,
    });
  });

  it('keeps steps for debug, and their label mass to itself', async () => {
    const steps = (await logged(wholeRun)).filter(({ msg }) => msg === 'step:end');
    expect(steps[0]).toMatchObject({ level: 20, epoch: 1, step: 1, primaryLoss: 0.5 });
    expect(steps[0]).not.toHaveProperty('labelMass');
    expect(steps[0]).not.toHaveProperty('labelEntropy');
    expect((await logged(wholeRun, 'info')).map(({ msg }) => msg)).toEqual([
      'run started',
      'evaluated on validation',
      'epoch',
      'evaluated on validation',
      'epoch',
      'run finished',
    ]);
  });

  it('raises its voice when something is amiss', async () => {
    const error = { name: 'Error', code: 'internal', message: 'disk full' };
    const lines = await logged(
      record([
        start,
        [0, { type: 'warning', code: 'config/unused', message: 'unused key' }],
        [0, { type: 'listener:error', listener: 'tensorboard', error }],
        failed,
      ]),
    );
    expect(lines.slice(1)).toMatchObject([
      { level: 40, code: 'config/unused', msg: 'unused key' },
      { level: 40, listener: 'tensorboard', error },
      { level: 50, error: { code: 'run/non-finite' }, msg: 'run failed: loss is NaN' },
    ]);
  });
});
