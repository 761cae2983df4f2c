import { exec } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import type { RunEvent } from '../core/events/index.js';
import { run } from '../core/pipeline/index.js';
import { builtIn, controls, defaults } from '../plugins/built-in.js';
import { auxflow, Signals } from './cli/command-line.js';
import { Folder } from './config/folder.js';
import { docsPage, root } from './docs-page.js';

const { snippets } = docsPage('tutorial.md');
const commands = snippets('bash').flatMap((snippet) => snippet.trim().split('\n'));

/** A folder as the clone's root is to a reader who has written down every file. */
const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
mkdirSync(join(folder.path, 'node_modules'));
symlinkSync(root, join(folder.path, 'node_modules/auxflow'));
for (const name of ['rxjs', 'sharp'])
  symlinkSync(join(root, 'node_modules', name), join(folder.path, 'node_modules', name));
for (const snippet of [...snippets('js'), ...snippets('yaml')])
  folder.write(/^(?:#|\/\/) ([\w.-]+)\n/.exec(snippet)![1]!, snippet);

const small = ['epochs=2', 'dataset.train=60', 'dataset.test=60'].flatMap((set) => ['--set', set]);
const shorter: Partial<Record<string, readonly string[]>> = {
  run: small,
  compare: [...small, '--set', 'epochs=1', '--seeds', '1', '--no-controls'],
};

/** The pipelines of a shell in which somebody presses Ctrl-C after the first epoch. */
async function interrupting(signals: Signals) {
  const observe = (events: Observable<RunEvent>): Promise<void> =>
    events.forEach(({ type }) => {
      if (type === 'epoch:end') signals.emit('SIGINT', 'SIGINT');
    });
  const watched: typeof run = (pipeline, options = {}) =>
    run(pipeline, { ...options, observers: [...(options.observers ?? []), { name: 'finger', observe }] });
  return { ...(await import('../core/pipeline/index.js')), run: watched };
}

/** What the engine has measured, as numbers, and the words around them. */
const measuredIn = (printed: string) => ({
  words: printed.replaceAll(/(primary\w+) [\d.e-]+/g, '$1'),
  values: [...printed.matchAll(/primary\w+ ([\d.e-]+)/g)].map(([, value]) => Number(value)),
});

describe('docs/tutorial.md', () => {
  it('has commands', () => expect(commands.length).toBeGreaterThan(12));

  // Each needs what the ones before it have left.
  it.each(commands)(
    '%s',
    async (line) => {
      const [written, note = ''] = line.split(/\s+# /);
      const [npx, , ...argv] = written!.split(/\s+/);
      if (npx !== 'npx') {
        const { stdout } = await promisify(exec)(written!, {
          cwd: folder.path,
          env: { ...process.env, NODE_OPTIONS: '' },
        });
        expect(stdout !== '').toBe(!written!.includes('draw'));
        return;
      }
      const signals = new Signals();
      const stopped = note === 'stopped by Ctrl-C';
      const { code, stderr } = await auxflow([...argv, ...(shorter[argv[0]!] ?? [])], {
        plugins: builtIn,
        defaults,
        controls,
        cwd: folder.path,
        command: [process.execPath, join(root, 'bin/auxflow.js')],
        process: signals,
        ...(stopped && { pipeline: () => interrupting(signals) }),
      });
      const [, exit, fault] = /^exits with (\d), ([a-z/-]+)$/.exec(note) ?? [];
      expect({ code, stderr }).toMatchObject({ code: stopped ? 130 : Number(exit ?? 0) });
      if (fault !== undefined) expect(stderr).toContain(`(${fault})`);
    },
    120_000,
  );

  it('shows what the commands print', async () => {
    const { stdout } = await auxflow(['validate', 'shapes.yaml'], { plugins: builtIn, defaults, cwd: folder.path });
    const shown = snippets('').find((snippet) => snippet.startsWith('shapes.yaml is valid'))!;
    expect(measuredIn(stdout).words).toBe(measuredIn(shown).words);
    // Other processors round otherwise, and one of the 20 pictures may then be told the other way.
    for (const [i, value] of measuredIn(shown).values.entries())
      expect(Math.abs(measuredIn(stdout).values[i]! - value)).toBeLessThanOrEqual(0.06);
  }, 60_000);
});
