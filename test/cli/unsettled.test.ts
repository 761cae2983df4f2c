import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Folder } from '../config/folder.js';

const root = join(import.meta.dirname, '../..');
const entry = JSON.stringify(join(root, 'dist/plugins/index.js'));
const zod = JSON.stringify(join(root, 'node_modules/zod/index.js'));
const stages = `
  import { definePlugin, stage } from ${entry};
  import { z } from ${zod};
  const dataset = (name, load) => stage(name, 'none', z.strictObject({}), class { load = load; });
  export default definePlugin({ name: 'never', apiVersion: 1, stages: { dataset: [
    dataset('waits', () => new Promise(() => {})),
    dataset('exits', () => process.exit(0)),
  ] } });`;
const pipeline = (use: string) => `
  plugins: [./stages.mjs]
  dataset: { use: ${use} }
  model: { use: conv4 }
  loss: { use: focal }
  optimizer: { use: sgd, learningRate: 0.1 }
  auxiliary: { use: single-task }
  epochs: 1`;
const folder = new Folder({
  'waits.mjs': 'await new Promise(() => {});',
  'exits.mjs': 'process.exit(0);',
  'fails.mjs': 'process.exit(7);',
  'stages.mjs': stages,
  'waits.yaml': 'plugins: [./waits.mjs]',
  'exits.yaml': 'plugins: [./exits.mjs]',
  'fails.yaml': 'plugins: [./fails.mjs]',
  'load-waits.yaml': pipeline('waits'),
  'load-exits.yaml': pipeline('exits'),
});
afterAll(() => folder[Symbol.dispose]());

/** In a process of its own, since it is the process that ends. */
function auxflow(...argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/auxflow.js'), ...argv], {
    cwd: folder.path,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { code: status, stdout, stderr };
}

describe('a process that would end before its work does', () => {
  it.each([
    ['plugins', 'waits', 2, 'error: waits.yaml:1:11: Plugin "./waits.mjs" fails while it loads: its top-level "await"'],
    ['plugins', 'exits', 1, 'error: the process was ended while plugin "./exits.mjs" loaded: '],
    ['plugins', 'fails', 7, 'error: the process was ended while plugin "./fails.mjs" loaded: '],
    ['run', 'load-waits', 1, 'error: nothing is left to do, but a promise is awaited that never settles (run/stuck)'],
    ['run', 'load-exits', 1, 'error: something ended the process before its work was done\n'],
  ])('%s %s.yaml ends with an error', (verb, file, code, message) => {
    const ended = auxflow(verb, `${file}.yaml`);
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringContaining(message) as unknown });
    expect(ended.stderr.match(/error: /g)).toHaveLength(1);
  });

  it('tells machines too', () => {
    const { code, stdout, stderr } = auxflow('plugins', 'waits.yaml', '--json');
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'plugin/load', hint: `Correct ${join(folder.path, 'waits.mjs')}, or take it off "plugins".` },
    });
  });
});
