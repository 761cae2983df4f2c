import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { DataError } from '../../core/errors/index.js';
import { fakes } from '../config/fake-plugins.js';
import { Folder } from '../config/folder.js';
import { start } from '../config/loading.js';
import { auxflow, Written } from './command-line.js';

const folder = new Folder({
  'good.yaml': start,
  'bad.yaml': `${start}epochs: 0\nnaem: x\n`,
  'sub/over.yaml': 'extends: ../good.yaml\nname: over',
});
afterAll(() => folder[Symbol.dispose]());
const cwd = folder.path;
const dryRun = () =>
  Promise.resolve({
    dataset: {
      name: 'digits',
      inputShape: [28, 28, 1],
      trainSamples: 100,
      validationSamples: 0,
      testSamples: 50,
      primary: 'parity',
      primaryClasses: ['even', 'odd'],
    },
    parameters: 1234,
    labelParameters: 99,
    passes: [
      {
        name: 'train',
        measurements: [{ type: 'step:end' as const, primaryLoss: 0.693147, primaryAccuracy: 0.5, learningRate: 0.1 }],
      },
    ],
    warnings: [{ code: 'meta-step/idle', message: 'the meta-step is idle' }],
  });
const run = () => {
  throw new Error('nothing is to be run');
};
const pipeline = () => Promise.resolve({ dryRun, run });

describe('auxflow show', () => {
  it('prints YAML, JSON or Mermaid', async () => {
    const yaml = await auxflow(['show', 'sub/over.yaml', '--set', 'epochs=3', '--seed', '7', '--runs', 'out'], { cwd });
    expect(yaml).toMatchObject({ code: 0, stderr: '' });
    const shown = parse(yaml.stdout) as object;
    expect(shown).toMatchObject({
      name: 'over',
      epochs: 3,
      seed: 7,
      runs: join(cwd, 'out'),
      dataset: { use: 'digits', batch: 50 },
    });
    const json = await auxflow(['show', 'sub/over.yaml', '--set=epochs=3', '--seed=7', '--runs=out', '--json'], {
      cwd,
    });
    expect(JSON.parse(json.stdout)).toEqual(shown);
    expect((await auxflow(['show', 'good.yaml', '--mermaid'], { cwd })).stdout).toMatch(/^flowchart LR\n/);
    const graph = JSON.parse((await auxflow(['show', 'good.yaml', '--mermaid', '--json'], { cwd })).stdout) as {
      mermaid: string;
    };
    expect(graph.mermaid).toMatch(/^flowchart LR\n/);
  });

  it('works from any folder', async () => {
    const { stdout } = await auxflow(['show', join(cwd, 'sub/over.yaml')], { cwd: '/' });
    expect(parse(stdout)).toMatchObject({ name: 'over', runs: '/runs' });
  });
});

describe('a pipeline that is wrong', () => {
  it('is told on stderr, all at once', async () => {
    expect(await auxflow(['show', 'bad.yaml'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'bad.yaml:5:1: naem: unknown key; did you mean "name"? (config/unknown-key)',
        'bad.yaml:4:9: epochs: expected an integer of at least 1, got 0 (config/invalid-value)',
        '2 problems; nothing has run.',
        '',
      ].join('\n'),
    });
  });

  it('is told on stdout for machines', async () => {
    const { code, stdout, stderr } = await auxflow(['validate', 'bad.yaml', '--json'], { cwd });
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        name: 'ConfigError',
        code: 'config/unknown-key',
        issues: [
          { code: 'config/unknown-key', path: ['naem'], where: 'bad.yaml:5:1' },
          { code: 'config/invalid-value', path: ['epochs'], where: 'bad.yaml:4:9' },
        ],
      },
    });
    expect(stdout).not.toContain('stack');
  });

  it('may be missing, or its plugin, or its data', async () => {
    expect(await auxflow(['show', 'god.yaml'], { cwd })).toMatchObject({
      code: 2,
      stderr: 'there is no file god.yaml (config/no-file)\n  Did you mean good.yaml?\n',
    });
    const plugin = await auxflow(['show', 'good.yaml', '--set', 'plugins=[none]'], { cwd });
    expect(plugin).toMatchObject({ code: 2 });
    expect(plugin.stderr).toMatch(
      /^error: --set plugins: Plugin "none" isn't installed where .*\n {2}Run "npm install none" there\.\n$/,
    );
    const broken = () =>
      Promise.resolve({
        dryRun: () => Promise.reject(new DataError('data/short', 'it is short', { hint: 'fetch it' })),
        run,
      });
    expect(await auxflow(['validate', 'good.yaml'], { cwd, pipeline: broken })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: it is short (data/short)\n  fetch it\n',
    });
    const internal = () => Promise.resolve({ dryRun: () => Promise.reject(new TypeError('oops')), run });
    const fault = await auxflow(['validate', 'good.yaml'], { cwd, pipeline: internal });
    expect(fault.code).toBe(1);
    expect(fault.stderr).toMatch(/^error: TypeError: oops\n {4}at /);
  });
});

describe('auxflow validate', () => {
  it('says what a run would work with', async () => {
    expect(await auxflow(['validate', 'good.yaml'], { cwd, pipeline })).toEqual({
      code: 0,
      stdout: [
        'good.yaml is valid',
        '  dataset     digits, 100 train, 50 test, inputs 28x28x1',
        '  primary     parity, 2 classes',
        '  parameters  1234, label network 99',
        '  train       primaryLoss 0.6931, primaryAccuracy 0.5, learningRate 0.1',
        '',
      ].join('\n'),
      stderr: 'warning: the meta-step is idle (meta-step/idle)\n',
    });
    const { stdout, stderr } = await auxflow(['validate', 'good.yaml', '--json'], { cwd, pipeline });
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'good.yaml',
      valid: true,
      parameters: 1234,
      warnings: [{ code: 'meta-step/idle', message: 'the meta-step is idle' }],
    });
    expect(stderr).toBe('');
  });
});

describe('auxflow plugins', () => {
  it('lists plugins with their stages', async () => {
    const { code, stdout } = await auxflow(['plugins']);
    expect(code).toBe(0);
    expect(stdout).toContain('networks 1.2.3\n  model      conv               the conv stage\n');
    expect(stdout).toContain('\n\nlabels (requires learning)\n');
    const { plugins } = JSON.parse((await auxflow(['plugins', '--json'])).stdout) as { plugins: object[] };
    expect(plugins).toHaveLength(fakes.length);
    expect(plugins[1]).toEqual({
      name: 'networks',
      version: '1.2.3',
      apiVersion: 1,
      requires: [],
      stages: [
        { kind: 'model', name: 'conv', description: 'the conv stage' },
        { kind: 'model', name: 'dense', description: 'the dense stage' },
      ],
    });
  });
});

describe('auxflow schema', () => {
  it('prints the JSON Schema', async () => {
    const { code, stdout } = await auxflow(['schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' });
    expect((await auxflow(['schema', '--json'])).stdout).toBe(stdout);
  });
});

describe('usage', () => {
  it('a verb that does not exist has a neighbour', async () => {
    expect(await auxflow(['rnu'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: unknown command 'rnu'\n(Did you mean run?)\nRun it with --help to see what there is.\n",
    });
    const { code, stdout, stderr } = await auxflow(['rnu', '--json']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      error: {
        name: 'UsageError',
        code: 'usage/unknownCommand',
        message: "unknown command 'rnu'",
        hint: '(Did you mean run?)',
      },
    });
  });

  it.each([
    [['run'], 'name a pipeline file'],
    [['show', 'good.yaml', '--sede', '3'], "error: unknown option '--sede'\n(Did you mean --seed?)"],
    [
      ['show', 'good.yaml', '--seed', '1.5'],
      "error: option '--seed <number>' argument '1.5' is invalid. Expected an integer from 0 to 4294967295.",
    ],
    [['show', 'good.yaml', '--seed', '4294967296'], 'is invalid'],
    [['show', 'good.yaml', '--log-level', 'loud'], "argument 'loud' is invalid. Allowed choices are trace"],
    [['show', 'good.yaml', 'other.yaml'], 'error: too many arguments'],
  ])('%j is refused', async (argv, message) => {
    const { code, stdout, stderr } = await auxflow(argv, { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('--version says which this is, and is no error', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(await auxflow(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('help has examples, and is no error', async () => {
    const { code, stdout, stderr } = await auxflow(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of ['run', 'validate', 'show', 'schema', 'plugins', 'doctor', 'setup', '--json', 'Examples:'])
      expect(stdout).toContain(word);
    const run = await auxflow(['run', '--help']);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('$ auxflow run a.yaml --set auxiliary.use=random-labels');
    expect(run.stdout).toContain('--log-level');
  });
});

describe('outputs', () => {
  it('may be closed early', async () => {
    const closed = new Written();
    closed._write = (_chunk, _encoding, done) =>
      (done as (error: Error) => void)(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
    expect((await auxflow(['schema'], { stdout: closed })).code).toBe(0);
    expect(closed.listenerCount('error')).toBe(0);
  });

  it.each([
    ['stdout', 1],
    ['stderr', 0],
  ] as const)('may be full: of %s the exit code is %i', async (name, code) => {
    const full = new Written();
    full._write = (_chunk, _encoding, done) =>
      (done as (error: Error) => void)(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
    const done = await auxflow(['schema'], { [name]: full });
    expect(done.code).toBe(code);
    expect(done.stderr).toBe(
      code === 1 ? "error: the results can't be written: ENOSPC: no space left (run/output)\n" : '',
    );
    expect(full.listenerCount('error')).toBe(0);
  });
});
