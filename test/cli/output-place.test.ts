import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Folder } from '../config/folder.js';
import { auxflow } from './command-line.js';

const folder = new Folder({ 'note.txt': 'kept' });
afterAll(() => folder[Symbol.dispose]());
mkdirSync(join(folder.path, 'taken.csv'));

describe('where results are written', () => {
  it.each([
    [['labels', 'no/run', '--out', 'taken.csv'], '--out: taken.csv is a folder, expected a file'],
    [['labels', 'no/run', '--out', 'note.txt/labels.csv'], "--out: note.txt/labels.csv can't be made: "],
    [['export', 'no/run', '--out', 'note.txt'], '--out: note.txt is a file, expected a folder'],
    [['export', 'no/run', '--out', 'note.txt/model'], "--out: note.txt/model can't be made: "],
  ])('is looked at before any work: %j', async (argv, message) => {
    const { code, stdout, stderr } = await auxflow(argv, { cwd: folder.path });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(readdirSync(folder.path).sort()).toEqual(['note.txt', 'taken.csv']);
  });
});
