import { exec } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { templates } from '../core/cli/plugin-package.js';
import { stageKinds } from '../core/plugins/index.js';
import { Folder } from './config/folder.js';
import { docsPage, root } from './docs-page.js';

const { text, snippets } = docsPage('plugins.md');

/** A folder where auxflow is installed, and whose reader has written down every file. */
const folder = new Folder({
  'package.json': '{ "type": "module" }',
});
afterAll(() => folder[Symbol.dispose]());
mkdirSync(join(folder.path, 'node_modules/.bin'), { recursive: true });
symlinkSync(root, join(folder.path, 'node_modules/auxflow'));
symlinkSync('../auxflow/bin/auxflow.js', join(folder.path, 'node_modules/.bin/auxflow'));
for (const snippet of [...snippets('js'), ...snippets('yaml')])
  folder.write(/^(?:#|\/\/) ([\w.-]+)\n/.exec(snippet)![1]!, snippet);

const quick = ['epochs=1', 'dataset.train=60', 'dataset.test=30'].map((set) => ` --set ${set}`).join('');

describe('docs/plugins.md', () => {
  // Commands of one snippet follow each other in one shell.
  it.each(snippets('bash').map((snippet) => [snippet.trim().replaceAll('\n', '; '), snippet]))(
    '%s',
    async (_, snippet) => {
      const commands = snippet.replaceAll(/^npx auxflow run .*$/gm, (line) => line + quick);
      const env = { ...process.env, NODE_OPTIONS: '' };
      const run = promisify(exec)(`set -e\n${commands}`, { cwd: folder.path, env, maxBuffer: 2 ** 26 });
      const { code, stdout, stderr } = await run.then(
        (output) => ({ ...output, code: 0 }),
        (error: unknown) => error as { code: number; stdout: string; stderr: string },
      );
      expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
    },
    400_000,
  );

  it('names every kind of stage and template', () => {
    for (const kind of stageKinds) expect(text).toMatch(new RegExp(`^\\| \`${kind}\` `, 'm'));
    const start = text.slice(0, text.indexOf('## By hand'));
    for (const template of Object.keys(templates).slice(1)) expect(start).toContain(`\`${template}\``);
  });

  it('lists every code of a plugin that cannot be loaded', () => {
    const source = readdirSync(join(root, 'core/plugins')).map((file) =>
      readFileSync(join(root, 'core/plugins', file), 'utf8'),
    );
    const codes = new Set(source.join('').match(/(?<=')plugin\/[a-z-]+(?=')/g));
    expect(codes.size).toBeGreaterThan(8);
    for (const code of codes) expect(text).toContain(`| \`${code}\` `);
  });
});
