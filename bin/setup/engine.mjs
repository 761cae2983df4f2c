import { constants, existsSync, readFileSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstWorking, run } from './command.mjs';
import { compileKernels, keepWorkingKernels, kernelsHash, kernelsThere } from './kernels.mjs';
import { Problem } from './problem.mjs';
import { remove, withScratch } from './scratch.mjs';
import { libraries, tensorflow, wheel } from './wheel.mjs';

const addon = join('lib', 'napi-v8', 'tfjs_binding.node');

/**
 * Makes `@tensorflow/tfjs-node` usable: TensorFlow's library and the addon that speaks to it. The package's own
 * installer needs a host that many networks block; on Linux x64 everything here comes from PyPI and npm.
 *
 * @param {string} root - where auxflow is installed
 * @param {import('./report.mjs').Report} report
 */
export async function prepareEngine(root, report) {
  const { resolve } = createRequire(join(root, 'package.json'));
  const home = dirname(resolve('@tensorflow/tfjs-node/package.json'));
  const fromWheel = process.platform === 'linux' && process.arch === 'x64';
  const name = fromWheel ? `TensorFlow ${wheel.version}` : 'TensorFlow';
  // Written last, so that it vouches for all the rest.
  const stamp = join(home, 'deps', 'auxflow.txt');
  const kernels = fromWheel ? `, kernels ${await kernelsHash(root)}` : '';
  const wanted = `${name} for ${process.platform} ${process.arch}${kernels}`;
  const there = existsSync(join(home, addon));
  // After what is wanted, the stamp names the kernels that work.
  const [found, kept = ''] = (existsSync(stamp) ? readFileSync(stamp, 'utf8') : '').split(': ');
  if (there && found === wanted && kernelsThere(home, kept)) return report.done(`${name}, ready`);

  const foreign = there && !found;
  if (!foreign) {
    if (fromWheel) await install(root, home, dirname(resolve('node-api-headers')), report);
    else await ownInstaller(home, report);
  }
  report.busy('testing');
  try {
    await smokeTest(home);
    const working = await keepWorkingKernels(home);
    if (fromWheel && working.length === 0)
      report.busy("auxflow's own kernels don't run here; TensorFlow's, which are slower, do");
    await writeFile(stamp, `${wanted}: ${working.join(' ')}`);
  } catch (error) {
    await removeEngine(home);
    throw error;
  }
  report.done(`${name}, installed`);
}

/** @param {string} home */
const removeEngine = (home) => Promise.all(['deps', 'lib'].map((folder) => remove(join(home, folder))));

/**
 * @param {string} root - of auxflow
 * @param {string} home - of tfjs-node
 * @param {string} napi - of node-api-headers
 * @param {import('./report.mjs').Report} report
 */
async function install(root, home, napi, report) {
  const compiler = await firstWorking(process.env.CXX ? [process.env.CXX.split(' ')] : [['g++'], ['c++'], ['clang++']]);
  if (!compiler) {
    throw new Problem('a C++ compiler is missing', 'the addon between Node and TensorFlow is compiled here', [
      'Debian, Ubuntu: sudo apt-get install g++',
      'Fedora: sudo dnf install gcc-c++',
      'another compiler: set CXX to its command',
    ]);
  }
  const source = await tensorflow(report);
  await withScratch(home, async (scratch) => {
    const lib = join(scratch, 'deps', 'lib');
    await mkdir(lib, { recursive: true });
    await mkdir(dirname(join(scratch, addon)), { recursive: true });
    for (const library of libraries) await linkOrCopy(join(source, 'lib', library), join(lib, library));
    report.busy('compiling the addon and the kernels');
    const sources = (await readdir(join(home, 'binding'))).filter((file) => file.endsWith('.cc'));
    const engine = [
      ...['-I', join(source, 'include'), '-I', join(napi, 'include')],
      ...libraries.map((library) => join(lib, library)),
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
    ];
    const [{ ok, output }, faults] = await Promise.all([
      run(compiler.command, [
        ...compiler.args,
        ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
        ...sources.map((file) => join(home, 'binding', file)),
        ...[...engine, '-o', join(scratch, addon)],
      ]),
      compileKernels(root, scratch, compiler, engine),
    ]);
    if (!ok) {
      throw new Problem('the addon does not compile', 'the compiler gave up', ['g++ 9 or newer is needed'], output);
    }
    for (const fault of faults) report.busy(`a kernel does not compile: ${fault.trim()}`);
    await removeEngine(home);
    for (const folder of ['deps', 'lib']) await rename(join(scratch, folder), join(home, folder));
  });
}

/**
 * @param {string} from
 * @param {string} to
 */
const linkOrCopy = (from, to) => link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));

/**
 * @param {string} home
 * @param {import('./report.mjs').Report} report
 */
async function ownInstaller(home, report) {
  report.busy("running tfjs-node's own installer");
  const binaries = join(home, '..', '..', '.bin');
  const { ok, output } = await run(process.execPath, [join('scripts', 'install.js')], {
    cwd: home,
    env: { PATH: [binaries, process.env.PATH].join(delimiter) },
  });
  if (ok) return;
  const where = `${process.platform} ${process.arch}`;
  throw new Problem(
    "tfjs-node's own installer failed",
    `on ${where} TensorFlow comes from its authors' own host`,
    [
      'check the network and proxy (HTTPS_PROXY), then set up again',
      'where that host is blocked: use Linux x64 (also in a container or WSL), which needs only PyPI and npm',
    ],
    output,
  );
}

/** @param {string} home */
async function smokeTest(home) {
  const script = fileURLToPath(new URL('./smoke-test.mjs', import.meta.url));
  const { ok, output } = await run(process.execPath, [script, home], { env: { TF_CPP_MIN_LOG_LEVEL: '2' } });
  if (ok) return;
  throw new Problem(
    'the engine was installed but does not work, and was removed',
    'its test failed',
    ['on Linux, glibc 2.17 or newer and a processor with AVX are needed (not musl: use a Debian image for Alpine)'],
    output,
  );
}
