import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Makes a Python of its own in `venv` of a folder, with some packages from PyPI.
 * @returns why there is none, said on stdout too; `undefined` where there is one
 */
export function pythonWith(packages: readonly string[], folder: string): string | undefined {
  try {
    execFileSync('python3', ['-m', 'venv', join(folder, 'venv')], { stdio: 'pipe' });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    execFileSync(join(folder, 'venv/bin/python'), pip, { stdio: 'pipe', cwd: folder });
    return undefined;
  } catch (cause) {
    const { message } = cause as Error;
    process.stdout.write(`skipped: no Python with ${packages.join(' and ')}: ${message}\n`);
    return message;
  }
}
