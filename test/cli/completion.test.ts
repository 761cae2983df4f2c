import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { Folder } from '../config/folder.js';
import { auxflow } from './command-line.js';

const folder = new Folder({ 'pipe.yaml': '', 'runs/a/note.txt': '', 'runs/a b/001/x': '' });
afterAll(() => folder[Symbol.dispose]());
for (const run of ['a/001', 'a/002', 'flowers/001']) mkdirSync(join(folder.path, 'runs', run), { recursive: true });
const script = async (shell: string): Promise<string> => {
  const { code, stdout, stderr } = await auxflow(['completion', shell], { plugins: builtIn, defaults });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
const has = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined;

/** What may follow each line, in every shell; words whole. */
const lines: [string, string[]][] = [
  ['auxflow ru', ['run', 'runs']],
  ['auxflow --log-level de', ['debug']],
  ['auxflow --log-level debug val', ['validate']],
  ['auxflow data ', ['fetch', 'list']],
  ['auxflow data fetch sv', ['svhn']],
  ['auxflow run --se', ['--seed', '--set']],
  ['auxflow run --force --re', ['--resume']],
  ['auxflow run --resume f', ['flowers/001']],
  ['auxflow run --set auxiliary.use=ma', ['auxiliary.use=maxl']],
  ['auxflow compare --strategies ra', ['random-labels']],
  ['auxflow compare --strategies maxl,ra', ['maxl,random-labels']],
  ['auxflow compare pipe.yaml --budget ', ['batches', 'steps', 'time']],
  ['auxflow runs di', ['diff']],
  ['auxflow runs --name diff --sta', ['--state']],
  ['auxflow runs diff a', ['a/001', 'a/002']],
  ['auxflow runs --state bro', ['broken-off']],
  ['auxflow replay --observer ten', ['tensorboard']],
  ['auxflow evaluate run --split v', ['validation']],
  ['auxflow evaluate --gra', []],
  ['auxflow export --format s', ['safetensors']],
  ['auxflow completion ', ['bash', 'fish', 'zsh']],
];

describe('completion in bash', () => {
  let sourced: string;
  beforeAll(async () => (sourced = await script('bash')));

  /** Nothing but the shell itself is there to answer. */
  const complete = (line: string, breaks = String.raw`$' \t\n"\'><=;|&(:'`): string[] => {
    const input = `${sourced}
PATH= COMP_WORDBREAKS=${breaks} COMP_LINE='${line}' COMP_POINT=${line.length}
_auxflow
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const answer = execFileSync('bash', ['--norc', '-u'], { input, cwd: folder.path, encoding: 'utf8' });
    return answer.split('\n').filter(Boolean).sort();
  };

  it.each(lines)('%s', (line, words) => {
    const typed = line.split(' ').at(-1)!;
    const rest = typed.slice(0, typed.lastIndexOf('=') + 1);
    expect(complete(line)).toEqual(words.map((word) => word.slice(rest.length)));
    expect(complete(line, "' '")).toEqual(words);
  });

  it.each([
    ['auxflow run --set=auxiliary.use=ma', ['maxl']],
    ['auxflow evaluate --split=', ['test', 'train', 'validation']],
    ['auxflow show p', []],
    ['auxflow run run', []],
    ['auxflow predict a/001 pi', []],
  ])('%s, as bash alone has it', (line, words) => expect(complete(line)).toEqual(words));

  it('leaves the rest to the shell: files', () => {
    expect(sourced).toContain('complete -o bashdefault -o default -F _auxflow auxflow\n');
  });

  it('runs nothing that a folder is called', () => {
    const name = '$(touch${IFS}made)';
    mkdirSync(join(folder.path, 'runs', name, '001'), { recursive: true });
    expect(complete('auxflow report ')).toContain(`${name}/001`);
    expect(readdirSync(folder.path)).not.toContain('made');
  });
});

const fish = 'fish';
(has(fish) ? describe : describe.skip)('completion in fish', () => {
  it.each(lines)('%s', async (line, words) => {
    folder.write('auxflow.fish', await script('fish'));
    const command = `set fish_complete_path; source auxflow.fish; complete -C '${line}'`;
    const answer = execFileSync(fish, ['--no-config', '-c', command], { cwd: folder.path, encoding: 'utf8' });
    const found = answer.split('\n').map((found) => found.split('\t')[0]!);
    // It also offers files.
    expect(found).toEqual(expect.arrayContaining(words));
  });
});

(has('zsh') ? describe : describe.skip)('completion in zsh', () => {
  it.each(lines.filter(([, words]) => words.length === 1))('%s', async (line, [word]) => {
    folder.write('auxflow.zsh', await script('zsh'));
    const typed = line.split(' ').at(-1)!;
    const input = `zmodload zsh/zpty; TERM=dumb zpty shell zsh -f -i
zpty -w shell 'PS1=; autoload -Uz compinit; compinit -u -D; source auxflow.zsh; echo rea""dy'
zpty -r shell answer '*ready*'
zpty -w -n shell $'${line}\\t'; sleep 0.5
zpty -w -n shell $'\\x01echo "[\\x05]"\\n'
zpty -r -m shell answer $'*\\n\\\\[auxflow*\\\\]*'; print -r -- $answer`;
    const answer = execFileSync('zsh', ['-f'], { input, cwd: folder.path, encoding: 'utf8', timeout: 20_000 });
    expect(answer).toContain(`[${line.slice(0, line.length - typed.length)}${word}`);
  });
});

describe('auxflow completion', () => {
  it('names every verb and option, and nothing hidden', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const text = await script(shell);
      for (const word of ['validate', 'create-plugin', 'mermaid', 'search-seeds', 'no-color', 'auxiliary.use=rotation'])
        expect(text).toContain(word);
      expect(text).not.toMatch(/--trial\b(?!s)|-l trial /);
    }
  });

  it('knows three shells', async () => {
    const { code, stderr } = await auxflow(['completion', 'csh']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('choices are bash, zsh, fish') });
  });
});
