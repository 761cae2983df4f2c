import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from './command.mjs';
import { Problem } from './problem.mjs';
import { remove } from './scratch.mjs';

/**
 * Installs what package-lock.json lists, where node_modules holds something else. Install scripts don't run.
 *
 * @param {string} root - of the clone
 * @param {import('./report.mjs').Report} report
 */
export async function prepareDependencies(root, report) {
  const installed = await isInstalled(root);
  if (!installed) {
    report.busy('running npm ci');
    await install(root);
  }
  await linkOwnCommand(root);
  report.done(installed ? 'ready' : 'installed');
}

/**
 * Whether node_modules holds every package of the lockfile in its exact version. npm notes what it installed, when it
 * has finished, in node_modules/.package-lock.json.
 *
 * @param {string} root
 */
export async function isInstalled(root) {
  const [wanted, present] = await Promise.all(
    ['package-lock.json', hiddenLockfile].map((file) => packages(root, file)),
  );
  if (!wanted) throw new Error(`${root} has no package-lock.json`);
  return (
    present !== undefined &&
    Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
      const found = present[path];
      return path === '' || (found ? found.version === version && found.integrity === integrity : optional);
    })
  );
}

const hiddenLockfile = join('node_modules', '.package-lock.json');

/**
 * @param {string} root
 * @param {string} file
 * @returns {Promise<Record<string, { version: string, integrity?: string, optional?: boolean }> | undefined>}
 */
const packages = (root, file) =>
  readFile(join(root, file), 'utf8').then(
    (text) => JSON.parse(text).packages,
    () => undefined,
  );

/** @param {string} root */
async function install(root) {
  // Inside `npm start` and `npm test`, the same npm.
  const npm = process.env.npm_execpath ?? '';
  const command = basename(npm).startsWith('npm-cli') ? [process.execPath, npm] : ['npm'];
  const args = [...command.slice(1), 'ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  const half = async () => existsSync(join(root, hiddenLockfile)) || (await remove(join(root, 'node_modules')));
  try {
    const { ok, missing, output } = await run(/** @type {string} */ (command[0]), args, { cwd: root });
    if (missing) {
      throw new Problem('npm is missing', 'it installs the dependencies', [
        'it comes with Node; Debian, Ubuntu: sudo apt-get install npm',
      ]);
    }
    if (!ok) throw refusal(output);
  } catch (error) {
    await half();
    throw error;
  }
}

/** How npm says that the network is away. */
export const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|CERT/;

/**
 * What npm's output means.
 *
 * @param {string} output
 */
function refusal(output) {
  if (unreachable.test(output)) {
    return new Problem(
      'npm cannot reach its registry',
      'the dependencies are fetched from there',
      ['check the network and proxy (HTTPS_PROXY, npm config list), then set up again'],
      output,
    );
  }
  if (/EINTEGRITY/.test(output)) {
    return new Problem(
      'a package is not the one that package-lock.json expects',
      'it was cut short or changed on its way',
      ['npm cache clean --force, then set up again; if that fails too, check the registry that npm uses'],
      output,
    );
  }
  if (/EUSAGE/.test(output)) {
    return new Problem(
      'package.json and package-lock.json do not fit together',
      'npm installs only what both agree on',
      ['run npm install, then set up again'],
      output,
    );
  }
  return new Problem('npm could not install the dependencies', 'its own words are below', ['set up again'], output);
}

/**
 * Lets `npx auxflow` find the clone's own command: npm links those of dependencies only.
 *
 * @param {string} root
 */
async function linkOwnCommand(root) {
  const folder = join(root, 'node_modules', '.bin');
  const link = join(folder, 'auxflow');
  if (existsSync(link)) return;
  await mkdir(folder, { recursive: true });
  await remove(link);
  if (process.platform === 'win32') await writeFile(`${link}.cmd`, '@node "%~dp0..\\..\\bin\\auxflow.js" %*\r\n');
  else await symlink(join('..', '..', 'bin', 'auxflow.js'), link);
}
