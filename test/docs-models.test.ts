import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Folder } from './config/folder.js';
import { docsPage, root } from './docs-page.js';
import { command } from './trained/pictures.js';

const { text, snippets } = docsPage('models.md');
const commands = snippets('bash').flatMap((snippet) => snippet.trim().split('\n'));

/** A folder as the clone's root is to a reader who has written down the pipeline and drawn a digit. */
const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'));
  cpSync(join(root, 'pipelines'), join(folder.path, 'pipelines'), { recursive: true });
  for (const snippet of snippets('yaml')) folder.write(/^# (.*)\n/.exec(snippet)![1]!, snippet);
  const stroke = {
    input: { create: { width: 4, height: 20, channels: 3 as const, background: 'white' } },
    left: 12,
    top: 4,
  };
  await sharp({ create: { width: 28, height: 28, channels: 3, background: 'black' } })
    .composite([stroke])
    .png()
    .toFile(join(folder.path, 'digit.png'));
});
const quick = ['epochs=1', 'dataset.train=60', 'dataset.test=50'].flatMap((set) => ['--set', set]);

describe('docs/models.md', () => {
  it('has commands', () => expect(commands.length).toBeGreaterThan(8));

  it.each(commands)(
    '%s',
    async (line) => {
      const [npx, program, ...argv] = line.split(/\s+/);
      expect([npx, program]).toEqual(['npx', 'auxflow']);
      const { code, stderr } = await command(folder, ...argv, ...(argv[0] === 'run' ? quick : []));
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    },
    120_000,
  );

  it('takes an exported model as a trunk', async () => {
    const written = /`(model: \{ use: layers-model.*?\})`/.exec(text)![1]!;
    folder.write('again.yaml', `extends: pipelines/quickstart-single-task.yaml\n${written}\n`);
    const { code, stderr } = await command(folder, 'validate', 'again.yaml', '--set', 'dataset.train=60');
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  });
});
