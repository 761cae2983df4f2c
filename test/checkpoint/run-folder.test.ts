import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ts from 'typescript';
import { createRunFolder, latestRun } from '../../core/checkpoint/index.js';

let runs: string;
beforeEach(() => void (runs = mkdtempSync(join(tmpdir(), 'auxflow-runs-'))));
afterEach(() => rmSync(runs, { recursive: true }));

describe('createRunFolder', () => {
  it('numbers the runs of a name', async () => {
    expect(await createRunFolder(join(runs, 'deep'), 'mnist')).toBe(join(runs, 'deep', 'mnist', '001'));
    expect(await createRunFolder(join(runs, 'deep'), 'mnist')).toBe(join(runs, 'deep', 'mnist', '002'));
    expect(await createRunFolder(join(runs, 'deep'), 'other')).toBe(join(runs, 'deep', 'other', '001'));
  });

  it('goes on after the highest number and takes no notice of other names', async () => {
    const others = ['best', '.cache', '1e4', '0x800', '00003000'];
    for (const name of ['007', '999', ...others]) mkdirSync(join(runs, 'mnist', name), { recursive: true });
    writeFileSync(join(runs, 'mnist', '2000'), 'a file');
    expect(await latestRun(runs, 'mnist')).toBe(join(runs, 'mnist', '999'));
    expect(await createRunFolder(runs, 'mnist')).toBe(join(runs, 'mnist', '1000'));
  });

  it('gives every caller at once a folder of its own', async () => {
    const folders = await Promise.all(Array.from({ length: 20 }, () => createRunFolder(runs, 'mnist')));
    expect(new Set(folders).size).toBe(20);
  });

  it('gives every process at once a folder of its own', async () => {
    for (const name of ['run-folder', 'make-folder']) {
      const source = readFileSync(`core/checkpoint/${name}.ts`, 'utf8').replace(/^import .*errors.*$/m, '');
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      writeFileSync(join(runs, `${name}.js`), outputText);
    }
    const script = `import { createRunFolder } from './run-folder.js';
      for (let i = 0; i < 20; i++) await createRunFolder('.', 'mnist');`;
    writeFileSync(join(runs, 'begin.js'), script);
    writeFileSync(join(runs, 'package.json'), '{ "type": "module" }');
    const codes = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise((resolve) => {
            spawn(process.execPath, ['begin.js'], { cwd: runs, stdio: 'inherit' }).on('close', resolve);
          }),
      ),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(readdirSync(join(runs, 'mnist'))).toHaveLength(60);
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', '/etc', '.hidden', 'a\0b', 'a\nb', 'end.', 'end '])(
    'refuses the name %j',
    async (name) => {
      await expect(createRunFolder(runs, name)).rejects.toMatchObject({ name: 'ConfigError', code: 'config/name' });
      expect(readdirSync(runs)).toEqual([]);
    },
  );

  it('stays inside the folder of runs, whatever the name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 30 }), async (name) => {
        const folder = await createRunFolder(runs, name).catch((error: unknown) => {
          expect(error).toMatchObject({ name: expect.stringMatching(/^(Config|Run)Error$/) });
        });
        if (folder === undefined) return;
        expect(folder.startsWith(join(runs, name))).toBe(true);
        expect(existsSync(join(runs, name, '001'))).toBe(true);
      }),
    );
  });

  it('says what to do where nothing can be made', async () => {
    writeFileSync(join(runs, 'file'), '');
    await expect(createRunFolder(join(runs, 'file'), 'mnist')).rejects.toMatchObject({
      name: 'RunError',
      code: 'run/folder',
      hint: 'Set `runs` to a folder that you can write to.',
    });
  });
});
