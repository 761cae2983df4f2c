import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { templates } from '../../core/cli/plugin-package.js';
import { Folder } from '../config/folder.js';
import { auxflow } from './command-line.js';

const root = join(import.meta.dirname, '..', '..');
const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

const create = (...argv: string[]) => auxflow(['create-plugin', ...argv], { cwd: folder.path });
const read = (...path: string[]) => readFileSync(join(folder.path, ...path), 'utf8');
const node = async (args: readonly string[], cwd: string) => {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const run = promisify(execFile)(process.execPath, args, { cwd, env, maxBuffer: 2 ** 26 });
  const { code, stdout, stderr } = await run.then(
    (output) => ({ ...output, code: 0 }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  return { code, output: stdout + stderr };
};

describe('auxflow create-plugin', () => {
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('says what the system refuses, without a stack, and leaves nothing behind', () => {
    const create = `exec "${process.execPath}" "${join(root, 'bin/auxflow.js')}" create-plugin too-large --stage loss`;
    const { status, stderr } = spawnSync('bash', ['-c', `ulimit -f 0; ${create}`], {
      cwd: folder.path,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^error: the system refuses: EFBIG.*\(run\/system\)\n {2}Correct that.*\n$/),
    });
    expect(existsSync(join(folder.path, 'too-large'))).toBe(false);
  });

  const kinds = Object.keys(templates);
  beforeAll(async () => {
    for (const kind of kinds) {
      const { code, stderr } = await create(`my-${kind}`, '--stage', kind);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
  });

  it('writes packages that pass their own tests at once', async () => {
    // In one process, so that the engine loads once; each would pass by `node --test` too.
    const files = kinds.map((kind) => `await import('./my-${kind}/index.test.js');`);
    const all = folder.write('all.mjs', files.join('\n'));
    const { code, output } = await node([all], folder.path);
    const faults = output.split('\n').filter((line) => /not ok|error:|Error/.test(line));
    expect({ code, faults }).toEqual({ code: 0, faults: [] });
    expect(Number(/^# pass (\d+)/m.exec(output)![1])).toBeGreaterThan(100);
  }, 400_000);

  it('writes a pipeline that runs the stage by its name', async () => {
    const set = ['epochs=1', 'dataset.train=60', 'dataset.test=30'].flatMap((change) => ['--set', change]);
    const command = join('node_modules', 'auxflow', 'bin', 'auxflow.js');
    const { code, output } = await node(
      [command, 'run', 'pipeline.yaml', ...set],
      join(folder.path, 'my-auxiliary-labels'),
    );
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    const run = join(folder.path, 'my-auxiliary-labels', 'runs', 'my-auxiliary-labels', '001');
    expect(readFileSync(join(run, 'config.yaml'), 'utf8')).toContain('use: my-auxiliary-labels');
  }, 120_000);

  it('leaves no placeholder, and names class, stage and plugin after the package', async () => {
    const { code, stdout } = await create('@me/soft.labels-2', '--json');
    expect(code).toBe(0);
    const { files, linked } = JSON.parse(stdout) as { files: string[]; linked: string };
    expect(files).toEqual(readdirSync(join(folder.path, 'soft.labels-2')).filter((name) => name !== 'node_modules'));
    for (const file of files) expect(read('soft.labels-2', file)).not.toMatch(/my-plugin|MyPlugin/);
    const code2 = read('soft.labels-2', 'index.js');
    expect(code2).toContain('class SoftLabels2 {');
    expect(code2).toContain("name: '@me/soft.labels-2',\n  apiVersion: 1");
    expect(code2).toContain("stage('soft.labels-2',");
    expect(read('soft.labels-2', 'pipeline.yaml')).toContain("plugins: ['@me/soft.labels-2']");
    expect(linked).toBe(root);
  });

  it('links the auxflow that wrote it only where the folders above have none', async () => {
    expect(readlinkSync(join(folder.path, 'my-loss', 'node_modules', 'auxflow'))).toBe(root);
    expect(JSON.parse(read('my-loss', 'package.json'))).toMatchObject({
      devDependencies: { auxflow: expect.stringMatching(/^file:\.\./) },
      peerDependencies: { auxflow: expect.stringMatching(/^\^\d/) },
    });
    folder.write('project/node_modules/auxflow/package.json', '{ "name": "auxflow", "version": "0.1.0" }');
    await auxflow(['create-plugin', 'inside'], { cwd: join(folder.path, 'project') });
    expect(existsSync(join(folder.path, 'project/inside/index.js'))).toBe(true);
    expect(existsSync(join(folder.path, 'project/inside/node_modules'))).toBe(false);
    expect(JSON.parse(read('project/inside/package.json'))).not.toHaveProperty('devDependencies');
  });

  it('refuses a name for machines in the same words', async () => {
    const { stdout } = await create('My Labels', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      error: { message: expect.stringMatching(/^<name> can't be 'My Labels'/) },
    });
  });

  it.each([
    [['My Labels'], "error: <name> can't be 'My Labels'. Expected lower-case letters, digits and dashes"],
    [['../labels'], 'Expected lower-case letters, digits and dashes'],
    [['labels', '--stage', 'optimiser'], 'Did you mean "optimizer"? Known: auxiliary-labels, dataset'],
    [['data'], '"data" is the name of a built-in plugin already.'],
    [['conv', '--stage', 'model'], '"conv" is the name of the model of the built-in plugin "networks" already.'],
    [['auxflow'], '"auxflow" is the name of what plugins import already.'],
    [['fs'], '"fs" is the name of a module of Node\'s own already.'],
    [['node_modules'], '"node_modules" is a name that npm keeps to itself.'],
    [['@me/node_modules'], '"node_modules" is a name that npm keeps to itself.'],
    [['favicon.ico'], '"favicon.ico" is a name that npm keeps to itself.'],
    [['my-loss'], "is there already, and isn't empty."],
  ])('%j is refused and leaves nothing', async (argv, message) => {
    const before = readdirSync(folder.path);
    const { code, stderr } = await create(...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(readdirSync(folder.path)).toEqual(before);
  });
});
