import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstWorking, run } from '../../../bin/setup/command.mjs';
import { withLock } from '../../../bin/setup/lock.mjs';
import { Problem } from '../../../bin/setup/problem.mjs';
import { remove } from '../../../bin/setup/scratch.mjs';
import { cacheFolder } from '../../../bin/setup/wheel.mjs';

const requirement = 'torch==2.15.0';

const remedy = [
  `or set AUXFLOW_BENCH_PYTHON to a Python that has ${requirement}`,
  'an index with builds for CPU alone needs a tenth of the download: set PIP_INDEX_URL to one',
];

/**
 * A Python with torch: the one that AUXFLOW_BENCH_PYTHON names, or a virtual environment in the cache, made when it is missing.
 *
 * @returns {Promise<string>} its path
 * @throws {Problem} where there is no Python, or pip can't install
 */
export async function torchPython() {
  if (process.env.AUXFLOW_BENCH_PYTHON) return process.env.AUXFLOW_BENCH_PYTHON;
  const folder = join(cacheFolder(), requirement.replace('==', '-'));
  const python = join(folder, 'bin', 'python');
  const ready = join(folder, '.ready');
  if (existsSync(ready)) return python;
  await mkdir(cacheFolder(), { recursive: true });
  return withLock(folder, say('waiting for another set-up of PyTorch to end'), async () => {
    if (existsSync(ready)) return python;
    await remove(folder);
    await install(folder, python);
    await writeFile(ready, '');
    return python;
  });
}

/**
 * @param {string} folder
 * @param {string} python
 */
async function install(folder, python) {
  const base = await firstWorking([['python3'], ['python']]);
  const why = 'the peers that the benchmark measures beside are PyTorch programs';
  if (!base) throw new Problem('Python is missing', why, ['install python3 with its venv module', ...remedy]);
  say(`installing ${requirement} into ${folder}: several GB, once`)();
  const steps = /** @type {const} */ ([
    [base.command, [...base.args, '-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '--no-cache-dir', '--progress-bar=off', requirement, 'numpy']],
  ]);
  for (const [command, args] of steps) {
    const { ok, output } = await run(command, [...args]);
    if (ok) continue;
    await remove(folder);
    throw new Problem(`${requirement} can't be installed`, why, ['check the network', ...remedy], output);
  }
}

const say = (/** @type {string} */ text) => () => console.error(text);
