import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { interruption } from './command.mjs';
import { withLock } from './lock.mjs';
import { download, offline } from './pip.mjs';
import { Problem } from './problem.mjs';
import { withScratch } from './scratch.mjs';
import { unzip } from './unzip.mjs';

/** The Python wheel that carries the TensorFlow library and its C headers. */
export const wheel = {
  requirement: 'tensorflow-cpu==2.15.1',
  version: '2.15.1',
  bytes: 207_165_286,
  sha256: 'ba9503db2c5357ea21938555323581fbdabf3d051b6bc1b5f73c5b0ae034d077',
  target: ['--python-version=3.10', '--implementation=cp', '--platform=manylinux2014_x86_64'],
};

export const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** Where a file of the wheel goes in the unpacked library; undefined for the many that nothing here needs. */
const place = (/** @type {string} */ name) => {
  const [, library] = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/.exec(name) ?? [];
  if (library) return join('lib', library);
  const [, header] = /^tensorflow\/include\/((?:tensorflow\/c|tsl\/c)\/.*\.h|.*\/ctstring\w*\.h)$/.exec(name) ?? [];
  return header && join('include', header);
};

/** `~/.cache/auxflow`, or as XDG_CACHE_HOME says. */
export const cacheFolder = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'auxflow');

/**
 * The folder with TensorFlow's `lib` and `include`: from the cache, else unpacked from the wheel.
 *
 * @param {import('./report.mjs').Report} report
 */
export async function tensorflow(report) {
  const cache = cacheFolder();
  const unpacked = join(cache, `tensorflow-${wheel.version}-${wheel.sha256.slice(0, 12)}`);
  if (existsSync(unpacked)) return unpacked;
  const wait = () => report.busy('waiting for another set-up to unpack TensorFlow');
  return withLock(cache, wait, async () => {
    if (existsSync(unpacked)) return unpacked;
    return withScratch(cache, async (scratch) => {
      const given = process.env.AUXFLOW_TENSORFLOW_WHEEL;
      const file = given || (await download(wheel, scratch, report));
      await verify(file);
      report.busy('unpacking TensorFlow');
      const folder = join(scratch, 'unpacked');
      await unzip(file, (name) => {
        const to = place(name);
        return to && join(folder, to);
      });
      await rename(folder, unpacked);
      return unpacked;
    });
  });
}

/**
 * Refuses a file that isn't the pinned wheel to the last bit.
 *
 * @param {string} file
 */
async function verify(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal: interruption.signal });
  const found = hash.digest('hex');
  if (found === wheel.sha256) return;
  throw new Problem(
    `this is not the expected TensorFlow: ${basename(file)}`,
    `its sha256 is ${found}, expected ${wheel.sha256}: it was cut short or changed on its way`,
    ['set up again; if that fails too, check what stands between you and the package index', ...offline(wheel)],
  );
}
