import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { run } from '../../bin/setup/command.mjs';
import { Lacking } from './cached.js';
import { npmPackages } from './npm-packages.js';

/** A headless browser. */
export interface Chromium {
  readonly command: string;
  /** The environment to run it in. */
  readonly env: NodeJS.ProcessEnv;
  /** Why there is none; `undefined` where there is. */
  readonly missing: string | undefined;
}

const version = '147.0.0';

/**
 * The Chromium that CHROMIUM names, else `chromium`, else the one that npm's package of `version` carries, with the
 * libraries that a machine without a desktop lacks.
 * @throws Error where CHROMIUM names none
 */
export async function findChromium(): Promise<Chromium> {
  const named = process.env['CHROMIUM'] || undefined;
  const command = named ?? 'chromium';
  if ((await run(command, ['--version'])).ok) return { command, env: process.env, missing: undefined };
  if (named !== undefined) throw new Error(`CHROMIUM=${named} does not run`);
  const { folder, missing } = await npmPackages(`chromium-${version}`, [`@sparticuz/chromium@${version}`], unpack);
  const env = { ...process.env, LD_LIBRARY_PATH: join(folder, 'lib') };
  return { command: join(folder, 'chromium'), env, missing };
}

async function unpack(folder: string): Promise<void> {
  const packed = join(folder, 'node_modules/@sparticuz/chromium/bin');
  const inflate = (name: string, mode?: number): Promise<void> =>
    pipeline(
      createReadStream(join(packed, `${name}.br`)),
      createBrotliDecompress(),
      createWriteStream(join(folder, name), { mode }),
    );
  await inflate('chromium', 0o755);
  await inflate('al2023.tar');
  const { ok, missing, output } = await run('tar', ['-xf', join(folder, 'al2023.tar'), '-C', folder]);
  if (missing) throw new Lacking('no tar to unpack Chromium with');
  if (!ok) throw new Error(output);
}
