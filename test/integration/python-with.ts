import { createHash } from 'node:crypto';
import { run } from '../../bin/setup/command.mjs';
import { unreachable } from '../../bin/setup/pip.mjs';
import { cached, Lacking } from './cached.js';

/** How to run `python3` with some packages. */
export interface Python {
  /** The environment to run it in. */
  readonly env: NodeJS.ProcessEnv;
  /** Why this machine has no such Python; `undefined` where it has. */
  readonly missing: string | undefined;
}

/**
 * The machine's own Python with packages from PyPI, which it finds in `~/.cache/auxflow/tests/python-*`: a folder for each
 * set of packages and each Python.
 * @throws Error with pip's words where it fails for another reason than this machine
 */
export async function pythonWith(...packages: readonly string[]): Promise<Python> {
  const { output: python } = await run('python3', ['-c', 'import sys; print(sys.version, sys.prefix)']);
  const name = createHash('sha256').update([python, ...packages].join('\n'));
  const { folder, missing } = await cached(`python-${name.digest('hex').slice(0, 16)}`, async (target) => {
    const options = ['--quiet', '--disable-pip-version-check', '--no-cache-dir', '--no-compile', '--target', target];
    // pip moves what it unpacked, which is a copy from another disk.
    const env = { TMPDIR: target, PIP_REQUIRE_VIRTUALENV: 'false', PIP_NO_INPUT: '1' };
    const pip = await run('python3', ['-m', 'pip', 'install', ...options, ...packages], { env });
    if (pip.missing) throw new Lacking('no python3');
    if (pip.ok) return;
    const { output } = pip;
    if (/No module named pip/.test(output)) throw new Lacking('python3 has no pip');
    if (unreachable.test(output)) throw new Lacking(`pip cannot reach the Python package index for ${packages[0]!}`);
    if (/require a different python version/.test(output)) throw new Lacking(`${packages[0]!} needs another Python`);
    throw new Error(output);
  });
  return { env: { ...process.env, PYTHONPATH: folder, PYTHONNOUSERSITE: '1' }, missing };
}
