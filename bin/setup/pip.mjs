import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { firstWorking, run } from './command.mjs';
import { Problem } from './problem.mjs';

/** @typedef {{ requirement: string, version: string, bytes: number, target: string[] }} Wheel */

/**
 * How to go without pip's network.
 *
 * @param {Wheel} wheel
 */
export const offline = ({ target, requirement }) => [
  'without network: on another machine, run',
  `  pip download --no-deps --only-binary=:all: ${target.join(' ')} ${requirement}`,
  'then set AUXFLOW_TENSORFLOW_WHEEL to the path of that .whl file and set up again',
];

/**
 * Fetches the wheel with pip, so that pip's own configuration (index, proxy, certificates) holds.
 *
 * @param {Wheel} wheel
 * @param {string} scratch
 * @param {import('./report.mjs').Report} report
 */
export async function download(wheel, scratch, report) {
  const pip = await firstWorking([['pip3'], ['pip'], ['python3', '-m', 'pip'], ['python', '-m', 'pip']]);
  if (!pip) {
    throw new Problem('pip is missing', 'TensorFlow is fetched from the Python package index', [
      'Debian, Ubuntu: sudo apt-get install python3-pip',
      'Fedora: sudo dnf install python3-pip',
      'elsewhere: python3 -m ensurepip',
      ...offline(wheel),
    ]);
  }
  const total = Math.round(wheel.bytes / 1e6);
  const stop = report.poll(async () => {
    const done = Math.round((await folderBytes(scratch)) / 1e6);
    return `downloading TensorFlow ${wheel.version}: ${Math.min(done, total)} of ${total} MB`;
  });
  const options = ['--no-deps', '--only-binary=:all:', '--no-cache-dir', '--progress-bar=off', `--dest=${scratch}`];
  const { ok, output } = await run(
    pip.command,
    [...pip.args, 'download', ...options, ...wheel.target, wheel.requirement],
    { env: { TMPDIR: scratch, PIP_REQUIRE_VIRTUALENV: 'false', PIP_NO_INPUT: '1' } },
  ).finally(stop);
  const file = (await readdir(scratch)).find((name) => name.endsWith('.whl'));
  if (ok && file) return join(scratch, file);
  throw refusal(wheel, output);
}

/** How pip says that the network is away. */
export const unreachable =
  /Retry\(|ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|Name or service not known/;

/**
 * What pip's output means.
 *
 * @param {Wheel} wheel
 * @param {string} output
 */
function refusal(wheel, output) {
  if (/No space left on device/.test(output)) {
    return new Problem('the disk is full', 'TensorFlow needs 1.5 GB for a moment, 0.6 GB after, in its cache', [
      'free some space, or set XDG_CACHE_HOME to a larger disk, and set up again',
    ]);
  }
  if (unreachable.test(output)) {
    return new Problem(
      'pip cannot reach the Python package index',
      'TensorFlow is fetched from there, once; later set-ups use a cache',
      ['check the network and proxy (HTTPS_PROXY, pip config list), then set up again', ...offline(wheel)],
      output,
    );
  }
  if (/No matching distribution|Could not find a version/.test(output)) {
    return new Problem(
      `pip's package index does not offer ${wheel.requirement}`,
      'TensorFlow is fetched from there',
      ['point pip at a complete index (PIP_INDEX_URL), then set up again', ...offline(wheel)],
      output,
    );
  }
  return new Problem('pip could not download TensorFlow', 'its own words are below', offline(wheel), output);
}

/**
 * @param {string} folder
 * @returns {Promise<number>}
 */
async function folderBytes(folder) {
  const items = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = items.map(async (item) => {
    const path = join(folder, item.name);
    return item.isDirectory()
      ? folderBytes(path)
      : stat(path).then(
          (file) => file.size,
          () => 0,
        );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
