import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import { Problem } from './problem.mjs';
import { withScratch } from './scratch.mjs';

/**
 * Compiles core and plugins to dist where they changed since the last time. Types are checked by `npm run typecheck`.
 *
 * @param {string} root - of the clone
 * @param {import('./report.mjs').Report} report
 */
export async function build(root, report) {
  const dist = join(root, 'dist');
  const hash = await sourceHash(root);
  if ((await readFile(join(dist, stamp), 'utf8').catch(() => '')) === hash) return report.done('ready');
  report.busy('compiling core and plugins');
  await withScratch(join(root, 'node_modules', '.cache', 'auxflow'), async (scratch) => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const fresh = join(scratch, 'dist');
    const options = ['-p', 'tsconfig.build.json', '--outDir', fresh, '--noCheck', '--noEmitOnError'];
    const { ok, output } = await run(process.execPath, [tsc, ...options], { cwd: root });
    if (!ok) {
      throw new Problem('the sources do not compile', 'the command runs from compiled files', ['correct them'], output);
    }
    await writeFile(join(fresh, stamp), hash);
    if (existsSync(dist)) await rename(dist, join(scratch, 'old'));
    await rename(fresh, dist);
  });
  report.done('compiled');
}

const stamp = '.sources';

/**
 * One hash over all that the compiler reads.
 *
 * @param {string} root
 */
export async function sourceHash(root) {
  const hash = createHash('sha256');
  const sources = await Promise.all(['core', 'plugins'].map((folder) => typescriptFiles(root, folder)));
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...sources.flat()]) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} folder
 */
async function typescriptFiles(root, folder) {
  const files = await readdir(join(root, folder), { recursive: true });
  return files
    .filter((file) => /\.(ts|json)$/.test(file))
    .sort()
    .map((file) => join(folder, file));
}
