import { describe, expect, it } from '@jest/globals';
import { shellOf } from '../../core/cli/shell.js';
import { Terminal } from '../../core/cli/terminal.js';
import { Written } from './command-line.js';

const colors = (isTTY: boolean, env: Readonly<Record<string, string>> = {}, color = true): boolean => {
  const stdout = Object.assign(new Written(), { isTTY });
  return new Terminal(shellOf({ plugins: [], env, stdout, stderr: new Written() }), { color }).colors();
};

describe('colours', () => {
  it.each([
    ['a terminal', true, {}, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
    ['a file', false, {}, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['a file with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
    ['a file with an empty FORCE_COLOR', false, { FORCE_COLOR: '' }, true],
    ['a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ['a terminal with FORCE_COLOR=false', true, { FORCE_COLOR: 'false' }, false],
    ['a file with both, of which NO_COLOR holds', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('of %s', (_, isTTY, env, expected) => expect(colors(isTTY, env)).toBe(expected));

  it('are off by --no-color, whatever else is said', () => {
    expect(colors(true, { FORCE_COLOR: '1' }, false)).toBe(false);
  });

  it('are those of the output they go to', () => {
    const shell = shellOf({
      plugins: [],
      env: {},
      stdout: Object.assign(new Written(), { isTTY: true }),
      stderr: new Written(),
    });
    const terminal = new Terminal(shell, { color: true });
    expect([terminal.colors(), terminal.colors(terminal.stderr)]).toEqual([true, false]);
  });
});
