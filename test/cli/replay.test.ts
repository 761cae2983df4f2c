import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { RunEvent } from '../../core/events/index.js';
import { formatEvent } from '../../core/observers/index.js';
import { definePlugin, inject, injectable, stage } from '../../core/plugins/index.js';
import { Clock, Dataset, type Observer, Random, StageConfig } from '../../core/stages/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { Folder } from '../config/folder.js';
import { epoch, record, start, wholeRun } from '../observers/recorded.js';
import { lines, recordRun } from '../runs/run-folder.js';
import { auxflow } from './command-line.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const cwd = folder.path;

/** What the observer `witness` has seen, and how it was built. */
let seen: { events: RunEvent[]; config: object; seed: number; flushed: number; freed: number };

@injectable()
class Witness implements Observer {
  readonly name = 'witness';

  constructor(
    @inject(StageConfig) private readonly config: { readonly failAt: number },
    @inject(Clock) clock: Clock,
    @inject(Random) random: Random,
  ) {
    expect(clock()).toBeGreaterThan(0);
    seen = { events: [], config, seed: random.seed, flushed: 0, freed: 0 };
  }

  async observe(events: Observable<RunEvent>): Promise<void> {
    await events.forEach((event) => {
      if (event.sequence === this.config.failAt) throw new Error('it has had enough');
      expect(Object.isFrozen(event)).toBe(true);
      seen.events.push(event);
    });
  }

  flush(): void {
    seen.flushed++;
  }

  [Symbol.dispose](): void {
    seen.freed++;
  }
}

@injectable()
class Needy extends Witness {
  constructor(@inject(Dataset) readonly dataset: Dataset) {
    super({ failAt: -1 }, () => 1, { seed: 0 } as never);
  }
}

const Keys = z.strictObject({ failAt: z.int().default(-1) });
const watching = definePlugin({
  name: 'watching',
  apiVersion: 1,
  stages: {
    observer: [
      stage('witness', 'keeps events', Keys, Witness),
      stage('needy', 'wants data', z.strictObject({}), Needy),
    ],
  },
});
const replay = (...argv: string[]) => auxflow(['replay', ...argv], { plugins: [...builtIn, watching], defaults, cwd });
const text = (...path: string[]): string => readFileSync(join(cwd, ...path), 'utf8');

beforeAll(() => {
  recordRun(folder, 'runs/a/001', wholeRun);
  recordRun(folder, 'runs/a/002', record([start, ...epoch(1)]), '{"type":"st');
  recordRun(folder, 'runs/a/003', wholeRun.slice(0, 4), `oops\n${lines(wholeRun.slice(4))}`);
});

describe('auxflow replay', () => {
  it('shows a run as it went, by default', async () => {
    const { code, stdout, stderr } = await replay('a/001');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '16 events of runs/a/001 replayed\n' });
    expect(stderr).toContain('epoch 1/2  loss 0.412  aux 1.203  accuracy 88.1%');
    expect(stderr).toMatch(/finished {2}test accuracy 96\.7% {2}loss 0\.101 {2}24 s\n$/);
    expect(existsSync(join(cwd, 'replays'))).toBe(false);
  });

  it('feeds an observer of a plugin what was recorded, in order and with its times, in a folder of its own', async () => {
    const { code, stdout } = await replay('runs/a/001', '--observer', 'witness', '--set', 'failAt=99', '--json');
    expect(code).toBe(0);
    const out = join(cwd, 'replays/mnist-parity/001');
    expect(JSON.parse(stdout)).toEqual({
      run: join(cwd, 'runs/a/001'),
      events: 16,
      observers: ['witness'],
      failed: [],
      out,
    });
    expect(seen).toEqual({
      events: wholeRun.map((event) => (event.type === 'run:start' ? { ...event, directory: out } : event)),
      config: { failAt: 99 },
      seed: 1,
      flushed: 1,
      freed: 1,
    });
  });

  it.each([
    ['events', 'events.jsonl'],
    ['csv', 'metrics.csv'],
    ['summary', 'summary.json'],
    ['config', 'config.yaml'],
  ])('makes %s anew', async (observer, file) => {
    expect((await replay('a/001', '--observer', observer, '--out', `new/${observer}`)).code).toBe(0);
    expect(readdirSync(join(cwd, 'new', observer))).toEqual([file]);
    const expected = {
      events: '"type":"run:end"',
      csv: '1,0.4124,0.8812',
      summary: '"status": "finished"',
      config: 'use: mnist',
    };
    expect(text('new', observer, file)).toContain(expected[observer as keyof typeof expected]);
  });

  it('logs at info, or at the level asked for', async () => {
    const { stderr } = await replay('a/001', '--observer', 'log');
    expect(stderr).toContain('"msg":"run finished"');
    expect(stderr).not.toContain('epoch started');
    expect((await replay('a/001', '--observer', 'log', '--log-level', 'debug')).stderr).toContain('epoch started');
  });

  it('writes the files of TensorBoard', async () => {
    expect((await replay('a/001', '--observer', 'tensorboard', '--set', 'every=1', '--out', 'board')).code).toBe(0);
    const files = readdirSync(join(cwd, 'board/tensorboard'));
    expect(files).toContainEqual(expect.stringMatching(/^events\.out\.tfevents\./));
  });

  it("takes a pipeline file's observers, with changes", async () => {
    folder.write('base.yaml', 'observers: [{ use: tensorboard }, { use: witness }]\n');
    folder.write('watch.yaml', 'extends: base.yaml\n');
    const argv = ['a/001', '--pipeline', 'watch.yaml', '--set', 'observers.1.failAt=50', '--json'];
    const { code, stdout } = await replay(...argv);
    expect({ code, result: JSON.parse(stdout) as object }).toMatchObject({
      code: 0,
      result: { observers: ['tensorboard', 'witness'] },
    });
    expect(seen.config).toEqual({ failAt: 50 });
  });

  it('says which observer failed; the others go on', async () => {
    folder.write('two.yaml', 'observers: [{ use: witness, failAt: 3 }, { use: tensorboard }]\n');
    const { code, stdout, stderr } = await replay('a/001', '--pipeline', 'two.yaml', '--out', 'two');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'observer witness failed: it has had enough\n' });
    expect(stdout).toContain('16 events');
    expect(seen.events).toHaveLength(3);
    expect(seen.freed).toBe(1);
    expect(readdirSync(join(cwd, 'two/tensorboard')).length).toBeGreaterThan(0);
  });

  it('takes a record that was broken off, and says so', async () => {
    const { code, stdout, stderr } = await replay('a/002', '--observer', 'summary', '--out', 'broken');
    expect(code).toBe(0);
    expect(stdout).toContain('8 events of runs/a/002 replayed');
    expect(stderr).toBe(
      `${join(cwd, 'runs/a/002/events.jsonl')}:9: the last line is broken off, as a killed run leaves it\n`,
    );
    expect(JSON.parse(text('broken/summary.json'))).toMatchObject({ status: 'stopped', epochs: 1 });
  });

  it('says that a run goes on', async () => {
    recordRun(folder, 'live', wholeRun.slice(0, 5));
    folder.write('live/run.lock', JSON.stringify({ pid: process.pid, host: hostname() }));
    expect((await replay('live')).stderr).toContain('live still runs: what it has recorded so far is replayed\n');
  });

  it('refuses a damaged line before anything is written', async () => {
    const { code, stdout, stderr } = await replay('a/003', '--observer', 'csv', '--out', 'damaged');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${join(cwd, 'runs/a/003/events.jsonl')}:5: not an event, for it isn't JSON: oops`);
    expect(existsSync(join(cwd, 'damaged'))).toBe(false);
  });

  it('never writes into the recorded run', async () => {
    const before = readdirSync(join(cwd, 'runs/a/001'));
    symlinkSync(join(cwd, 'runs/a/001'), join(cwd, 'link'));
    for (const out of ['runs/a/001', 'runs/a/001/x/y', 'link', 'link/x', 'runs/a/../a/001/z']) {
      const { code, stderr } = await replay('a/001', '--observer', 'csv', '--out', out);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining(`--out: ${out} is in the recorded run`),
      });
    }
    const inside = await auxflow(['replay', '.', '--observer', 'csv'], { cwd: join(cwd, 'runs/a/001') });
    expect(inside).toMatchObject({ code: 2, stderr: expect.stringContaining('replays is in the recorded run') });
    expect(readdirSync(join(cwd, 'runs/a/001'))).toEqual(before);
    expect(text('runs/a/001/events.jsonl')).toBe(wholeRun.map((event) => `${formatEvent(event)}\n`).join(''));
  });

  it.each([
    [
      ['a/001', '--observer', 'tensorbord'],
      /there is no observer "tensorbord"; did you mean "tensorboard"\? \(replay\/observer\)\n {2}Known: progress, /,
    ],
    [['a/001', '--observer', 'constructor'], /there is no observer "constructor"/],
    [['a/001', '--observer', 'witness', '--set', 'failat=1'], /unknown key; did you mean "failAt"\?/],
    [['a/001', '--observer', 'witness', '--set', 'failAt=x'], /failAt.*expected an integer/],
    [['a/001', '--observer', 'csv', '--set', 'x=1'], /--set: the observer csv has no keys/],
    [['a/001', '--observer', 'csv', '--pipeline', 'watch.yaml'], /cannot be used with option/],
    [['a/001', '--pipeline', 'none.yaml'], /there is no file none\.yaml/],
    [['a/001', '--pipeline', 'empty.yaml'], /--pipeline: empty\.yaml names no observers/],
    [['a/001', '--observer', 'csv', '--out', 'runs'], /--out: runs isn't empty/],
    [['a/001', '--observer', 'csv', '--out', 'empty.yaml'], /--out: empty\.yaml is a file, expected a folder/],
    [['a/009'], /there is no run a\/009.*\n {2}The nearest is runs\/a\/00/],
    [['a'], /a holds 3 runs \([a-z/-]+\)\n {2}Name one, such as runs\/a\/001\./],
    [['hollow'], /hollow holds no run/],
  ])('refuses %j', async (argv, message) => {
    folder.write('empty.yaml', 'epochs: 3\n');
    mkdirSync(join(cwd, 'hollow'), { recursive: true });
    const { code, stdout, stderr } = await replay(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('refuses an observer that needs what only a run has', async () => {
    const { code, stderr } = await replay('a/001', '--observer', 'needy');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('without a run, observer "needy" of plugin watching: '),
    });
    expect(stderr).toContain('Dataset');
  });
});
