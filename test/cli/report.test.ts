import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { Folder } from '../config/folder.js';
import { writeRun } from '../report/record.js';
import { auxflow } from './command-line.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const cwd = folder.path;
writeRun(folder, 'runs/plain/001', { strategy: 'plain', accuracy: 0.8 });
writeRun(folder, 'runs/learned/001', { strategy: 'learned', auxiliary: true, accuracy: 0.85 });

describe('auxflow report', () => {
  it('writes one page', async () => {
    const { code, stdout, stderr } = await auxflow(['report', 'runs'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'labels of runs/learned/001 ...\n' });
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^note: runs\/learned\/001 has no gallery, .* of its labels: .*dataset: missing/),
      `2 runs of 2 strategies, written to ${join(cwd, 'report.html')}`,
    ]);
    expect(readFileSync(join(cwd, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('writes figures too, and says for machines what it found', async () => {
    const argv = ['report', 'runs/plain', 'runs/learned/001', '--out', 'new/page.html', '--svg', 'figures', '--json'];
    const { code, stdout, stderr } = await auxflow(argv, { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(existsSync(join(cwd, 'new/page.html'))).toBe(true);
    const files = readdirSync(join(cwd, 'figures'));
    expect(files).toContain('test-accuracy.svg');
    const said = JSON.parse(stdout) as { figures: string[]; strategies: unknown[] };
    expect(said.figures.map((file) => file.slice(join(cwd, 'figures/').length)).sort()).toEqual(files.sort());
    expect(said).toMatchObject({
      report: join(cwd, 'new/page.html'),
      strategies: [
        { strategy: 'plain', score: { n: 1, mean: 0.8 }, paired: [] },
        { strategy: 'learned', paired: [{ baseline: 'plain', difference: { n: 1 } }] },
      ],
      tasks: [{ name: 'digits, parity', strategies: ['plain', 'learned'], differences: [] }],
      notes: [expect.stringMatching(/has no gallery/)],
    });
  });

  it.each([
    ['--out', 'full/page.html', 0],
    ['--svg', 'full', 1],
  ])('tells of a disk that fills up while %s is written', async (option, place, room) => {
    const handle = await open(folder.write('any', ''));
    await handle.close();
    const files = Object.getPrototypeOf(handle) as FileHandle;
    const { appendFile } = files;
    let written = 0;
    const disk = jest.spyOn(files, 'appendFile').mockImplementation(function (this: FileHandle, chunk) {
      if (written++ < room) return appendFile.call(this, chunk);
      throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' });
    });
    const result = await auxflow(['report', 'runs/plain', '--out', 'full/page.html', '--svg', 'full'], { cwd });
    disk.mockRestore();
    expect(result).toEqual({
      code: 2,
      stdout: '',
      stderr: `${option}: ${place} can't be written: ENOSPC: no space left (usage/output)\n`,
    });
    expect(readdirSync(join(cwd, 'full'))).toEqual(['page.html'].slice(0, room));
    rmSync(join(cwd, 'full'), { recursive: true });
  });

  it('says in what else the runs of a table differ', async () => {
    const config = { dataset: { use: 'digits', primary: 'parity' } };
    for (const epochs of [2, 3])
      writeRun(folder, `uneven/${epochs}`, { strategy: `of-${epochs}`, epochs, config, accuracy: 0.5 });
    const { stdout } = await auxflow(['report', 'uneven', '--out', 'uneven.html'], { cwd });
    expect(stdout).toMatch(/^note: the runs of digits, parity also differ in epochs \(2 and 3\), updates/);
  });

  it.each([
    [['--out', 'folder.html'], /^--out: folder\.html is a folder, expected a file \([\w/-]+\)$/m],
    [['--out', 'runs'], /argument 'runs' is invalid\. Expected a file that ends in \.html or \.htm\./],
    [['--out', 'runs/plain/001/events.jsonl'], /Expected a file that ends in \.html or \.htm\./],
    [['--out', 'file/page.html'], /^--out: file\/page\.html can't be made: .*file is a file \([\w/-]+\)$/m],
    [['--svg', 'file'], /^--svg: file is a file, expected a folder \([\w/-]+\)$/m],
  ])('refuses %j before it reads a run', async (argv, message) => {
    folder.write('file', '');
    folder.write('folder.html/inside', '');
    const { code, stdout, stderr } = await auxflow(['report', 'none', ...argv], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/no folder none|\n {4}at /);
  });

  it('refuses a folder without runs, and a record that is damaged', async () => {
    expect(await auxflow(['report', 'none'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no folder none'),
    });
    folder.write('broken/config.yaml', '');
    folder.write('broken/events.jsonl', '{}\n{}\n');
    expect(await auxflow(['report', 'broken'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${join('broken', 'events.jsonl')}:1: not an event`),
    });
  });
});
