import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { concat, filter, from, NEVER, Subject } from 'rxjs';
import { pino } from 'pino';
import type { PipelineSpec } from '../../core/config/index.js';
import { isEvent, type RunEvent } from '../../core/events/index.js';
import { run } from '../../core/pipeline/index.js';
import { Mlflow, MlflowConfig } from '../../plugins/trackers/mlflow.js';
import { Folder } from '../config/folder.js';
import { end, epoch, failed, record, start, stopped } from '../observers/recorded.js';
import { toyPipeline } from '../pipeline/toy.js';
import { FakeMlflow } from './fake-mlflow.js';
import { directoryOf, go } from './interrupted.js';

let folder: Folder;
let server: FakeMlflow;
beforeEach(async () => {
  folder = new Folder();
  server = new FakeMlflow();
  await server.up();
});
afterEach(async () => {
  folder[Symbol.dispose]();
  await server.down();
});

const mlflow = (keys: object = {}): Mlflow =>
  new Mlflow(MlflowConfig.parse({ url: server.url, every: 1, patience: 3, ...keys }), () => performance.now());

/** A recorded run with a folder. */
const recorded = (last: typeof end = end): RunEvent[] => {
  const directory = join(folder.path, 'run', '007');
  mkdirSync(directory, { recursive: true });
  return record([start, ...epoch(1), ...epoch(2), last]).map((event) =>
    event.type === 'run:start' ? { ...event, directory } : event,
  );
};

const points = (key: string, at = 0) =>
  server.runs[at]!.metrics.filter((metric) => metric.key === key).map(({ step, value }) => [step, value]);
const isWhole = (): void => {
  expect(points('epoch/primaryLoss')).toEqual([
    [1, 0.4124],
    [2, 0.4124],
  ]);
  expect(points('step/train/primaryLoss').map(([step]) => step)).toEqual([1, 2, 3, 4]);
  expect(server.runs[0]!.status).toBe('FINISHED');
};

describe('mlflow', () => {
  it('logs parameters, metrics and artifacts', async () => {
    const events = recorded();
    folder.write('run/007/config.yaml', 'name: mnist-parity\n');
    folder.write('run/007/weights/theta 1.safetensors', 'weights');
    folder.write('run/007/other', 'not asked for');
    await mlflow().observe(from(events));
    isWhole();
    const [logged] = server.runs;
    expect([...server.experiments]).toEqual([['mnist-parity', '1']]);
    expect(logged).toMatchObject({ experiment: '1', name: 'mnist-parity/007' });
    expect(Object.fromEntries(logged!.params)).toEqual({
      name: 'mnist-parity',
      epochs: '2',
      'dataset.use': 'mnist',
      'dataset.batch': '50',
      version: '2',
      nothing: 'null',
    });
    const { timestamp } = logged!.metrics.find(({ key }) => key === 'epoch/primaryLoss')!;
    expect(timestamp).toBe(events.find(({ type }) => type === 'epoch:end')!.time);
    expect(Object.fromEntries([...server.artifacts].map(([name, content]) => [name, String(content)]))).toEqual({
      '1/0/artifacts/config.yaml': 'name: mnist-parity\n',
      '1/0/artifacts/weights/theta 1.safetensors': 'weights',
    });
  });

  it.each([
    ['KILLED', stopped],
    ['FAILED', failed],
  ])('says how a run ended: %s', async (status, last) => {
    await mlflow({ experiment: 'mine', runName: 'first' }).observe(from(recorded(last)));
    expect(server.runs[0]).toMatchObject({ status, name: 'first' });
    expect([...server.experiments.keys()]).toEqual(['mine']);
  });

  it('sends numbers that JSON lacks as text, and no more in a request than it may', async () => {
    const [step] = record(epoch(1).slice(1, 2));
    const [first, ...others] = recorded();
    const many = Array.from({ length: 1500 }, (_, i) => ({ ...step!, step: i + 1, steps: 1500, primaryLoss: NaN }));
    await mlflow().observe(from([first!, ...many, ...others.slice(1)] as RunEvent[]));
    expect(points('step/train/primaryLoss')).toHaveLength(1504);
    expect(points('step/train/primaryLoss')[0]).toEqual([1, 'NaN']);
  });

  it('sends secrets from the environment, and tells none', async () => {
    process.env['TRACKER_TOKEN'] = 'open sesame\n';
    await mlflow({ token: 'TRACKER_TOKEN', headers: { 'X-Team': 'TRACKER_TOKEN' } }).observe(from(recorded()));
    for (const { headers } of server.requests)
      expect(headers).toMatchObject({ authorization: 'Bearer open sesame', 'x-team': 'open sesame' });
    for (const name of readdirSync(join(folder.path, 'run/007')))
      expect(readFileSync(join(folder.path, 'run/007', name), 'utf8')).not.toContain('sesame');
    for (const value of ['', 'two\nlines', undefined]) {
      if (value === undefined) delete process.env['TRACKER_TOKEN'];
      else process.env['TRACKER_TOKEN'] = value;
      const failing = mlflow({ token: 'TRACKER_TOKEN' }).observe(from(recorded()));
      await expect(failing).rejects.toMatchObject({
        code: 'mlflow/no-secret',
        message: expect.not.stringContaining('lines'),
      });
    }
  });

  it.each(['http://me:secret@localhost', 'ftp://localhost', 'localhost'])('refuses the address %s', (url) => {
    expect(MlflowConfig.safeParse({ url }).success).toBe(false);
  });

  it('says that artifacts are out of reach, after all else is logged', async () => {
    server.artifactScheme = 's3:';
    await expect(mlflow().observe(from(recorded()))).rejects.toMatchObject({ code: 'mlflow/artifacts' });
    isWhole();
    await mlflow({ artifacts: [] }).observe(from(recorded()));
  });
});

describe('a server in trouble', () => {
  it('gets everything once it is back', async () => {
    await server.down();
    const observed = mlflow().observe(from(recorded()));
    await setTimeout(400);
    await server.up();
    await observed;
    isWhole();
  });

  it('gets everything after it broke off in the middle of the run', async () => {
    const events = new Subject<RunEvent>();
    const observed = mlflow().observe(events);
    const all = recorded();
    all.slice(0, 8).forEach((event) => events.next(event));
    for (
      const began = performance.now();
      (server.runs[0]?.metrics.length ?? 0) === 0 && performance.now() - began < 5000;
    )
      await setTimeout(20);
    await server.down();
    all.slice(8).forEach((event) => events.next(event));
    events.complete();
    await setTimeout(500);
    await server.up();
    await observed;
    isWhole();
  });

  it.each([
    ['answers of 500', 500] as const,
    ['too many requests', 429] as const,
    ['dropped connections', 'drop'] as const,
    ['requests without an answer', 'hang'] as const,
  ])('is asked again after %s', async (_, how) => {
    let left = 2;
    server.fail = (path) => (path === 'mlflow/runs/log-batch' && left-- > 0 ? how : undefined);
    await mlflow({ patience: 6 }).observe(from(recorded()));
    isWhole();
  });

  it.each([
    ['down', 'ECONNREFUSED'],
    ['hanging', 'timeout'],
    ['failing', '500'],
  ])('is given up when patience ends: %s', async (how, message) => {
    if (how === 'down') await server.down();
    else server.fail = () => (how === 'hanging' ? 'hang' : 500);
    const began = performance.now();
    const observed = mlflow({ patience: 1 }).observe(concat(from(recorded()), NEVER));
    await expect(observed).rejects.toMatchObject({
      code: 'mlflow/unreachable',
      message: expect.stringContaining(message),
    });
    expect(performance.now() - began).toBeGreaterThan(600);
    expect(performance.now() - began).toBeLessThan(8000);
  });

  it('is given up at once when it refuses', async () => {
    server.fail = () => 403;
    const observed = mlflow({ patience: 1000 }).observe(concat(from(recorded()), NEVER));
    await expect(observed).rejects.toMatchObject({
      code: 'mlflow/refused',
      message: expect.stringContaining('403: told to fail'),
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a run', () => {
  const changes = (keys: object = {}): PipelineSpec => ({
    observers: [{ use: 'mlflow', url: server.url, every: 1, ...keys }],
    runs: join(folder.path, 'runs'),
  });

  it('goes on to its end without the server, and hears of it once', async () => {
    await server.down();
    const warnings: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
    const events = await go(changes({ patience: 0.3 }), { logger });
    expect(events.at(-1)!.type).toBe('run:end');
    // It comes as an event, or as a line where the run was faster.
    const told = [...events.filter(({ type }) => type === 'listener:error'), ...warnings].map((one) =>
      JSON.stringify(one),
    );
    expect(told).toEqual([expect.stringContaining('mlflow/unreachable')]);
  });

  it("doesn't wait for a slow server until its end", async () => {
    server.delay = 1000;
    const pipeline = await toyPipeline({ model: { use: 'mlp', hidden: [4] }, ...changes({ patience: 60 }) });
    const started = run(pipeline);
    let loggedAtEnd: number | undefined;
    await started.pipe(filter(isEvent('run:end'))).forEach(() => (loggedAtEnd = server.runs[0]?.metrics.length ?? 0));
    await started.closed;
    expect(loggedAtEnd).toBe(0);
    expect(points('epoch/primaryLoss')).toHaveLength(2);
    expect(server.runs[0]!.status).toBe('FINISHED');
    expect([...server.artifacts.keys()]).toContain('1/0/artifacts/weights/theta2.safetensors');
  });

  it('goes on with the same MLflow run when it is resumed, and makes up for what was missing', async () => {
    const whole = await go(changes());
    const events = whole.length;
    const directory = directoryOf(await go(changes(), { until: events - 5, leave: true }));
    expect(server.runs[1]).toMatchObject({ status: 'KILLED' });
    const before = [...server.runs[1]!.metrics];
    expect(points('epoch/primaryLoss', 1)).toHaveLength(2);
    await go(changes(), { resume: directory });
    expect(server.runs).toHaveLength(2);
    expect(server.runs[1]!.status).toBe('FINISHED');
    expect(points('epoch/primaryLoss', 1)).toEqual(points('epoch/primaryLoss', 0));
    expect(points('test/primaryAccuracy', 1)).toContainEqual(points('test/primaryAccuracy', 0).at(-1)!);
    const again = server.runs[1]!.metrics.slice(before.length);
    expect(again.filter(({ key }) => key.startsWith('step/'))).toEqual([]);

    await server.down();
    const lost = directoryOf(await go(changes({ patience: 0.2 }), { until: events - 5, leave: true }));
    await server.up();
    await go(changes({ patience: 5 }), { resume: lost });
    expect(points('epoch/primaryLoss', 2)).toEqual(points('epoch/primaryLoss', 0));
  });
});
