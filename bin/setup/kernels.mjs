import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';
import { remove } from './scratch.mjs';

/** The vector instructions that the kernels are compiled for. core/engine/own-kernels.ts chooses among those that stay. */
const variants = { avx2: ['-mavx2', '-mfma'], avx512: ['-mavx512f', '-mfma'] };

/** `nodelete`: Node unloads an addon with the worker that loaded it, but TensorFlow keeps the operations. */
const options = [
  ...['-O3', '-std=c++17', '-ffp-contract=fast', '-fPIC', '-shared', '-pthread', '-DNAPI_VERSION=8'],
  '-Wl,-z,nodelete',
];

const sourceFolder = (/** @type {string} */ root) => join(root, 'core', 'engine', 'kernels');
const place = (/** @type {string} */ home, /** @type {string} */ variant) =>
  join(home, 'lib', 'napi-v8', `auxflow-${variant}.node`);

/**
 * A hash over all that the kernels are compiled from.
 *
 * @param {string} root - of auxflow
 */
export async function kernelsHash(root) {
  const hash = createHash('sha256').update(JSON.stringify([options, variants]));
  for (const file of (await readdir(sourceFolder(root))).sort()) {
    hash.update(`${file}\0`).update(await readFile(join(sourceFolder(root), file)));
  }
  return hash.digest('hex').slice(0, 12);
}

/**
 * Compiles auxflow's own kernels for every kind of processor. They only make it faster: a compiler that gives up on them
 * doesn't stop the set-up.
 *
 * @param {string} root - of auxflow
 * @param {string} home - the folder that `deps` and `lib` of tfjs-node are made in
 * @param {{ command: string, args: string[] }} compiler
 * @param {string[]} engine - arguments that name the headers and libraries of TensorFlow and Node
 * @returns {Promise<string[]>} what the compiler said, where it gave up
 */
export async function compileKernels(root, home, compiler, engine) {
  const files = (await readdir(sourceFolder(root))).filter((file) => file.endsWith('.cc'));
  const sources = files.map((file) => join(sourceFolder(root), file));
  const results = await Promise.all(
    Object.entries(variants).map(([variant, vectors]) =>
      run(compiler.command, [
        ...[...compiler.args, ...options, ...vectors],
        ...[...sources, ...engine, '-o', place(home, variant)],
      ]),
    ),
  );
  return results.filter(({ ok }) => !ok).map(({ output }) => output);
}

/**
 * Whether all variants that were kept are still there.
 *
 * @param {string} home - of tfjs-node
 * @param {string} names - with spaces between
 */
export const kernelsThere = (home, names) =>
  names
    .split(' ')
    .filter(Boolean)
    .every((name) => existsSync(place(home, name)));

/**
 * Removes the variants that this processor can't run, or not rightly.
 *
 * @param {string} home - of tfjs-node
 * @returns {Promise<string[]>} the names of those that stay
 */
export async function keepWorkingKernels(home) {
  const test = fileURLToPath(new URL('./kernels-test.mjs', import.meta.url));
  const working = [];
  for (const variant of Object.keys(variants)) {
    const file = place(home, variant);
    const { ok } = await run(process.execPath, [test, home, file], { env: { TF_CPP_MIN_LOG_LEVEL: '2' } });
    if (ok) working.push(variant);
    else await remove(file);
  }
  return working;
}
