import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Comparison } from '../../core/compare/index.js';
import { builtIn, controls, defaults } from '../../plugins/built-in.js';
import { Folder } from '../config/folder.js';
import { auxflow, Signals } from './command-line.js';

const root = join(import.meta.dirname, '../..');
const folder = new Folder({
  'space.yaml': 'optimizer.learningRate.initial: { log: [0.01, 0.1] }\n',
  'epochs.yaml': 'epochs: [1, 2]\n',
});
afterAll(() => folder[Symbol.dispose]());
const real = {
  plugins: builtIn,
  defaults,
  controls,
  cwd: folder.path,
  command: [process.execPath, join(root, 'bin/auxflow.js')] as const,
};
const small = [
  'dataset.train=60',
  'dataset.test=100',
  'dataset.batch=20',
  'dataset.validation=20',
  'model={use: mlp, hidden: [8]}',
  'optimizer.learningRate=0.01',
  'epochs=1',
].flatMap((set) => ['--set', set]);
const quickstart = join(root, 'pipelines/quickstart.yaml');
const compare = (argv: readonly string[], options: object = {}) =>
  auxflow(['compare', quickstart, ...small, ...argv], { ...real, ...options });
const parsed = (stdout: string) => JSON.parse(stdout) as Comparison;

describe('auxflow compare', () => {
  it('trains each variant in a process of its own, tells how they differ, and does nothing twice', async () => {
    const argv = ['--strategies', 'maxl', '--seeds', '1-2', '--jobs', '2', '--out', 'first'];
    const { code, stdout, stderr } = await compare(argv);
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n')).toHaveLength(8);
    expect(stderr).toMatch(/^1\/8 {2}[\w-]+, seed \d {2}\d+\.\d\d% {2}\d+\.\d s {2}\d+ MB$/m);
    expect(stdout).toMatch(/^variant +n +mean ± sd +minus single-task +minus cross-entropy +minus uniform-labels$/m);
    expect(stdout).toMatch(/^maxl +2 +\d+\.\d\d ± \d+\.\d\d( +[+-]\d+\.\d\d ± \d+\.\d\d\*?){3}$/m);
    expect(stdout).toMatch(/^written to .*first$/m);
    expect(readdirSync(join(folder.path, 'first')).sort()).toEqual([
      'comparison.csv',
      'comparison.md',
      'plan.json',
      'result.json',
      'runs',
      'trials',
      'trials.csv',
    ]);

    const trials = join(folder.path, 'first', 'trials');
    rmSync(
      join(
        trials,
        readdirSync(trials).find((file) => file.endsWith('.json'))!,
      ),
    );
    const again = await compare([...argv, '--json']);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    const { variants, directory } = parsed(again.stdout);
    expect(directory).toBe(join(folder.path, 'first'));
    expect(variants.map(({ label, score }) => [label, score.last!.n])).toEqual([
      ['single-task', 2],
      ['cross-entropy', 2],
      ['uniform-labels', 2],
      ['maxl', 2],
    ]);
    const runs = readdirSync(join(directory, 'runs')).flatMap((name) => readdirSync(join(directory, 'runs', name)));
    expect(runs.filter((run) => run === '001')).toHaveLength(8);
    expect(runs.filter((run) => run === '002')).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8'))).toEqual(parsed(again.stdout));
  }, 180_000);

  it('searches, and compares variants without the controls', async () => {
    const argv = [
      ...['--no-controls', '--variant', 'small: model.hidden=[4]', '--variant', 'plain: auxiliary.use=single-task'],
      ...['--search', 'space.yaml', '--trials', '2', '--search-seeds', '9', '--seeds', '1', '--jobs', '2', '--json'],
    ];
    const { code, stdout } = await compare(argv);
    expect(code).toBe(0);
    const { variants, controls: none, directory } = parsed(stdout);
    expect(none).toEqual([]);
    expect(directory).toBe(join(folder.path, 'comparisons', 'mnist-parity-maxl', '001'));
    expect(variants.map(({ label, strategy, found }) => [label, strategy, found!.score! > 0])).toEqual([
      ['small', 'maxl', true],
      ['plain', 'single-task', true],
    ]);
    expect(variants[0]!.set[0]).toBe('evaluation.select=validation');
  }, 180_000);

  it('loses the trial of a process that is killed', async () => {
    const command = [process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")', '--'] as const;
    const { code, stdout } = await compare(['--no-controls', '--seeds', '1', '--json'], { command });
    expect(code).toBe(1);
    expect(parsed(stdout).variants[0]!.missing).toEqual([
      { seed: 1, reason: 'the process ended by SIGKILL, as it does when memory runs out' },
    ]);
  });

  it('stops its processes at a signal, and goes on from there', async () => {
    const argv = ['--no-controls', '--seeds', '1,2', '--out', 'stopped', '--set', 'epochs=2000', '--json'];
    const process = new Signals();
    const runs = join(folder.path, 'stopped', 'runs');
    const training = setInterval(() => {
      try {
        if (readFileSync(join(runs, 'maxl-seed-1', '001', 'metrics.csv'), 'utf8').split('\n').length < 3) return;
      } catch {
        return;
      }
      clearInterval(training);
      process.emit('SIGINT', 'SIGINT');
    }, 50);
    const { code, stdout } = await compare(argv, { process });
    expect(code).toBe(130);
    expect(parsed(stdout)).toMatchObject({
      stopped: true,
      variants: [{ missing: [{ seed: 1, reason: 'not run' }, { seed: 2 }] }],
    });
    const summary = JSON.parse(readFileSync(join(runs, 'maxl-seed-1', '001', 'summary.json'), 'utf8')) as object;
    expect(summary).toMatchObject({ status: 'stopped', reason: 'the comparison was stopped' });
    expect(readdirSync(runs)).toEqual(['maxl-seed-1']);
  }, 180_000);

  it.each([
    [['--seeds', '1,1'], /each seed once/],
    [['--seeds', '1-3,2'], /each seed once/],
    [['--seeds', '1,x'], /numbers separated by commas, or ranges such as 1-5/],
    [['--seeds', ''], /argument '' is invalid\. Expected numbers separated by commas/],
    [['--search-seeds', '5-1'], /a range from low to high, such as 1-5/],
    [['--seeds', '0-4000000000'], /at most 1000 seeds/],
    [['--seeds', '4294967296'], /integer from 0/],
    [['--budget', 'money'], /steps, batches, time/],
    [['--jobs', '0'], /integer of at least 1/],
    [['--strategies', 'maxl,'], /names separated by commas/],
    [['--strategies', 'maxl,maxl'], /each name once; "maxl" is there twice\.$/m],
    [['--variant', 'maxl'], /expected "label: key=value key=value"/],
    [['--strategies', 'maxi'], /^maxi: auxiliary\.use: unknown .*did you mean "maxl"/],
    [
      ['--variant', 'hot: auxiliary.temprature=2'],
      /^hot: auxiliary\.temprature: unknown key; did you mean "temperature"/,
    ],
    [['--search', 'nowhere.yaml'], /^--search: there is no file nowhere\.yaml \([\w/-]+\)$/m],
    [
      ['--search', 'epochs.yaml'],
      /^--search: epochs: can't be searched: the budget gives every variant its epochs \([\w/-]+\)$/m,
    ],
    [['--out', 'space.yaml'], /^--out: space\.yaml is a file, expected a folder \([\w/-]+\)$/m],
    [
      ['--out', 'space.yaml/below/it'],
      /^--out: space\.yaml\/below\/it can't be made: .*space\.yaml is a file \([\w/-]+\)$/m,
    ],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr } = await compare(argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\d+\/\d+ {2}|\n {4}at /);
    expect(existsSync(join(folder.path, 'comparisons', 'mnist-parity-maxl', '003'))).toBe(false);
  });
});
