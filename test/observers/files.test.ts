import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, from, of, Subject, throwError } from 'rxjs';
import { parse } from 'yaml';
import type { RunEvent } from '../../core/events/index.js';
import {
  configFile,
  eventLog,
  formatEvent,
  metricsTable,
  parseEvent,
  summaryFile,
} from '../../core/observers/index.js';
import { end, engine, epoch, failed, record, start, stopped, summary, wholeRun } from './recorded.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'auxflow-observers-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('eventLog', () => {
  it('writes what parseEvent reads back', async () => {
    await eventLog(folder).observe(from(wholeRun));
    const lines = read('events.jsonl').trimEnd().split('\n');
    expect(lines.map(parseEvent)).toEqual(wholeRun);
    expect(lines[2]).toContain('"labelMass":[0.5,0.25,1,0]');
  });

  it('is on disk at each epoch end, and at the end of a run that fails or is cut off', async () => {
    const events = new Subject<RunEvent>();
    const written = eventLog(folder).observe(events);
    const lines = () => read('events.jsonl').split('\n').length - 1;
    const [first, ...others] = record([start, ...epoch(1), failed]);
    events.next(first!);
    expect(lines()).toBe(1);
    for (const event of others.slice(0, -1)) events.next(event);
    expect(lines()).toBe(8);
    events.next(others.at(-1)!);
    events.error(new Error('loss is NaN'));
    await written;
    expect(lines()).toBe(9);
  });

  it('holds back no more than its buffer within an epoch', async () => {
    const [step] = record(epoch(1).slice(1, 2));
    const events = new Subject<RunEvent>();
    const written = eventLog(folder).observe(events);
    for (let sequence = 0; sequence < 1000; sequence++) events.next({ ...step!, sequence });
    expect(read('events.jsonl').length).toBeGreaterThan(100_000);
    events.complete();
    await written;
    expect(read('events.jsonl').trimEnd().split('\n')).toHaveLength(1000);
  });

  it('loses nothing, and no half a line, where the disk was full for a while', async () => {
    const events = new Subject<RunEvent>();
    const log = eventLog(folder);
    const written = log.observe(events);
    const told = record([start, ...epoch(1), ...epoch(2), end]);
    const half = told.findIndex(({ type }) => type === 'epoch:end') - 1;
    for (const event of told.slice(0, half)) events.next(event);
    const away = join(folder, 'away.jsonl');
    renameSync(join(folder, 'events.jsonl'), away);
    events.next(told[half]!);
    events.next(told[half + 1]!);
    expect(() => log.flush!()).toThrow('ENOENT');
    renameSync(away, join(folder, 'events.jsonl'));
    appendFileSync(join(folder, 'events.jsonl'), '{"type":"ste');
    for (const event of told.slice(half + 2)) events.next(event);
    events.complete();
    await written;
    expect(read('events.jsonl').trimEnd().split('\n').map(parseEvent)).toEqual(told);
  });

  it('replays into any observer as the run did', async () => {
    const replayed = wholeRun.map((event) => parseEvent(formatEvent(event)));
    for (const [observer, file] of [
      [metricsTable, 'metrics.csv'],
      [summaryFile, 'summary.json'],
      [configFile, 'config.yaml'],
    ] as const) {
      await observer(folder).observe(from(wholeRun));
      const live = read(file);
      rmSync(join(folder, file));
      await observer(folder).observe(from(replayed));
      expect(read(file)).toBe(live);
    }
  });
});

describe('parseEvent', () => {
  it('keeps every number, name and configuration', () => {
    fc.assert(
      fc.property(fc.double(), fc.string(), fc.jsonValue(), fc.nat(), (loss, reason, config, sequence) => {
        const number = Number.isFinite(loss) ? loss : NaN;
        const envelope = { sequence, time: 5 };
        const progress: RunEvent = {
          type: 'prepare:progress',
          stage: reason,
          fraction: 1,
          metrics: { loss },
          ...envelope,
        };
        // JSON has one zero.
        expect(parseEvent(formatEvent(progress))).toEqual({ ...progress, metrics: { loss: number + 0 } });
        const started = { ...record([start])[0]!, config } as RunEvent;
        expect(parseEvent(formatEvent(started))).toEqual(JSON.parse(JSON.stringify(started)));
      }),
    );
  });

  it.each(['', '{"type":"step:end","sequ', 'null', '[]', '{"type":"epoch:end"}', '{"type":1,"sequence":0,"time":0}'])(
    'refuses %j',
    (line) => expect(() => parseEvent(line)).toThrow('not an event'),
  );
});

describe('metricsTable', () => {
  it('has a fixed header, a row per epoch and empty cells', async () => {
    const bare = { primaryLoss: 0.125, primaryAccuracy: 1, learningRate: 0.05 };
    await metricsTable(folder).observe(
      from(
        record([
          start,
          ...epoch(1),
          [1, { type: 'epoch:end', epoch: 2, epochs: 2, metrics: bare, durationMs: 1 }],
          end,
        ]),
      ),
    );
    expect(read('metrics.csv')).toBe(
      'epoch,primaryLoss,primaryAccuracy,primaryR2,auxiliaryLoss,gradientCosine,primaryLossAfter,regulariser,metaGradientNorm,' +
        'metaCotangentNorm,regulariserCotangentNorm,metaShare,labelEvenness,labelSampleEntropy,labelSharpness,' +
        'validationLoss,validationAccuracy,validationR2,learningRate\n' +
        '1,0.4124,0.8812,,1.2031,0.1342,,,,,,,,,,0.25,0.902,,0.3\n' +
        '2,0.125,1,,,,,,,,,,,,,,,,0.05\n',
    );
  });

  it('has its header even when no epoch ends', async () => {
    await metricsTable(folder).observe(of());
    expect(read('metrics.csv')).toMatch(/^epoch,primaryLoss.*\n$/);
  });
});

describe('summaryFile', () => {
  const json = () => JSON.parse(read('summary.json')) as unknown;
  const known = { name: 'mnist-parity', seed: 1, strategy: 'maxl', parameters: 104_684, engine };

  it('is the summary of a finished run', async () => {
    await summaryFile(folder).observe(from(wholeRun));
    expect(json()).toEqual({ status: 'finished', ...summary, engine });
    expect(readdirSync(folder)).toEqual(['summary.json']);
  });

  it('says how far a stopped run came', async () => {
    await summaryFile(folder).observe(from(record([start, ...epoch(1), stopped])));
    expect(json()).toMatchObject({ status: 'stopped', reason: 'SIGINT', ...known, epochs: 1, durationMs: 12_000 });
    expect(json()).toMatchObject({ metrics: { primaryLoss: 0.4124 } });
  });

  it('says why a run failed, though the stream errors', async () => {
    const events = concat(
      from(record([start, failed])),
      throwError(() => new Error('loss is NaN')),
    );
    await summaryFile(folder).observe(events);
    expect(json()).toMatchObject({ status: 'failed', ...known, epochs: 0, error: { code: 'run/non-finite' } });
  });

  it('counts a run without a last event as stopped', async () => {
    await summaryFile(folder).observe(from(record([start, ...epoch(1)])));
    expect(json()).toMatchObject({
      status: 'stopped',
      reason: 'unsubscribed',
      ...known,
      epochs: 1,
      durationMs: 10_000,
    });
  });

  it('is written even when nothing started', async () => {
    await summaryFile(folder).observe(from(record([failed])));
    expect(json()).toMatchObject({ status: 'failed', epochs: 0 });
  });
});

describe('configFile', () => {
  it('writes the resolved pipeline, so that it means the same when it is read', async () => {
    await configFile(folder).observe(from(wholeRun));
    const [first] = wholeRun;
    expect(parse(read('config.yaml'))).toEqual(first?.type === 'run:start' && first.config);
  });

  it('writes a shared part twice rather than as an alias', async () => {
    const optimizer = { use: 'sgd' };
    const [first] = record([start]);
    await configFile(folder).observe(of({ ...first!, config: { optimizer, metaStep: { optimizer } } } as RunEvent));
    expect(read('config.yaml')).toBe('optimizer:\n  use: sgd\nmetaStep:\n  optimizer:\n    use: sgd\n');
  });
});

it.each([
  ['eventLog', eventLog],
  ['metricsTable', metricsTable],
  ['summaryFile', summaryFile],
  ['configFile', configFile],
])('%s rejects when its folder is gone', async (_, observer) => {
  await expect(observer(join(folder, 'none')).observe(from(wholeRun))).rejects.toThrow('ENOENT');
});
