import { mkdirSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { writing } from '../../core/cli/output-place.js';
import { Folder } from '../config/folder.js';
import { auxflow } from './command-line.js';

const folder = new Folder({ 'note.txt': 'kept' });
afterAll(() => folder[Symbol.dispose]());
mkdirSync(join(folder.path, 'taken.csv'));

describe('where results are written', () => {
  it.each([
    [['labels', 'no/run', '--out', 'taken.csv'], '--out: taken.csv is a folder, expected a file'],
    [['labels', 'no/run', '--out', 'note.txt/labels.csv'], "--out: note.txt/labels.csv can't be made: "],
    [['labels', 'no/run', '--out', '/proc/labels.csv'], "--out: /proc/labels.csv can't be written: "],
    [['predict', 'no/run', 'x.png', '--out', '/proc/x.csv'], "--out: /proc/x.csv can't be written: "],
    [['export', 'no/run', '--out', '/proc/model'], "--out: /proc/model can't be written: "],
    [['report', 'no/run', '--out', '/proc/report.html'], "--out: /proc/report.html can't be written: "],
    [['report', 'no/run', '--svg', '/proc/figures'], "--svg: /proc/figures can't be written: "],
    [['compare', 'no.yaml', '--out', '/proc/comparison'], "--out: /proc/comparison can't be written: "],
    [['export', 'no/run', '--out', 'note.txt'], '--out: note.txt is a file, expected a folder'],
    [['export', 'no/run', '--out', 'note.txt/model'], "--out: note.txt/model can't be made: "],
  ])('is looked at before any work: %j', async (argv, message) => {
    const { code, stdout, stderr } = await auxflow(argv, { cwd: folder.path });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(readdirSync(folder.path).sort()).toEqual(['note.txt', 'taken.csv']);
  });
});

it('a disk that fills up while it is written to is told of the option too', async () => {
  const full = async (): Promise<void> => {
    await using file = await open('/dev/full', 'w');
    await file.writeFile('x');
  };
  await expect(writing('--out', 'a.csv', full)).rejects.toMatchObject({
    code: 'usage/output',
    message: expect.stringMatching(/^--out: a\.csv can't be written: ENOSPC/),
  });
  const fault = new Error('no such thing');
  await expect(writing('--out', 'a.csv', () => Promise.reject(fault))).rejects.toBe(fault);
});
