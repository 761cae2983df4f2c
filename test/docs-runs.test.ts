import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ownObservers } from '../core/cli/replay-observers.js';
import { runStates } from '../core/runs/index.js';
import { Folder } from './config/folder.js';
import { docsPage, root } from './docs-page.js';
import { command } from './trained/pictures.js';

const { text, snippets } = docsPage('runs.md');
const commands = snippets('bash').flatMap((snippet) => snippet.trim().split('\n'));

/** A folder as the clone's root is to a reader who has written down the pipeline. */
const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'));
cpSync(join(root, 'pipelines'), join(folder.path, 'pipelines'), { recursive: true });
for (const snippet of snippets('yaml')) folder.write(/^# (.*)\n/.exec(snippet)![1]!, snippet);

/** A run as small as may be; one that goes on has an epoch more. */
const quick = (argv: readonly string[]): string[] => {
  const epochs = argv.includes('--resume') ? 2 : 1;
  return [`epochs=${epochs}`, 'dataset.train=60', 'dataset.test=50'].flatMap((set) => ['--set', set]);
};

describe('docs/runs.md', () => {
  it('has commands', () => expect(commands.length).toBeGreaterThan(10));

  it.each(commands)(
    '%s',
    async (line) => {
      // What stands after ">" is the shell's.
      const [npx, program, ...argv] = line.split(' > ')[0]!.split(/\s+/);
      expect([npx, program]).toEqual(['npx', 'auxflow']);
      const { code, stdout, stderr } = await command(folder, ...argv, ...(argv[0] === 'run' ? quick(argv) : []));
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).not.toBe('');
    },
    120_000,
  );

  it('names every state and every observer', () => {
    for (const state of runStates) expect(text).toContain(`| \`${state}\``);
    for (const observer of ownObservers) expect(text).toContain(`\`${observer}\``);
  });
});
