import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Clone } from './clone.js';

// Elsewhere tfjs-node's own installer runs.
const onLinux = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

onLinux('where the engine cannot be prepared, the set-up says why and leaves nothing behind', () => {
  test('no compiler', () => {
    using clone = new Clone();
    const { code, output } = clone.setup();
    expect(code).toBe(1);
    expect(output).toContain('a C++ compiler is missing');
    expect(output).toContain('apt-get install g++');
    expect(clone.remains).toEqual(['package.json']);
  });

  test('no pip', () => {
    using clone = new Clone();
    clone.command('g++', '');
    const { code, output } = clone.setup();
    expect(code).toBe(1);
    expect(output).toContain('pip is missing');
    expect(output).toContain('apt-get install python3-pip');
    expect(output).toContain('AUXFLOW_TENSORFLOW_WHEEL');
    expect(clone.remains).toEqual(['package.json']);
  });

  test.each([
    ['no network', 'Retrying (Retry(total=4)) after connection broken by NewConnectionError', 'cannot reach'],
    ['an incomplete index', 'ERROR: No matching distribution found for tensorflow-cpu', 'does not offer'],
    ['a full disk', 'OSError: [Errno 28] No space left on device', 'the disk is full'],
  ])('%s', (_, pipSays, weSay) => {
    using clone = new Clone();
    clone.command('g++', '');
    clone.command('pip', `console.error(${JSON.stringify(pipSays)}); process.exit(1);`);
    const { code, output } = clone.setup();
    expect(code).toBe(1);
    expect(output).toContain(weSay);
    expect(clone.remains).toEqual(['package.json']);
  });

  test('a download that was changed on its way', () => {
    using clone = new Clone();
    clone.command('g++', '');
    clone.command('pip', `fs.writeFileSync(args.find((a) => a.startsWith('--dest=')).slice(7) + '/x.whl', 'changed');`);
    const { code, output } = clone.setup();
    expect(code).toBe(1);
    expect(output).toMatch(/sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}/);
    expect(clone.remains).toEqual(['package.json']);
  });

  test('a signal during the download', async () => {
    using clone = new Clone();
    clone.command('g++', '');
    clone.command('pip', `setTimeout(() => {}, 60_000);`);
    const { code, output } = await clone.interrupted('SIGTERM', 'downloading');
    expect(code).toBe(143);
    expect(output).toContain('interrupted by SIGTERM');
    expect(clone.remains).toEqual(['package.json']);
  });
});

onLinux("where auxflow's own kernels can't be had, the set-up says so and goes on without", () => {
  const cached = 'cache/auxflow/tensorflow-2.15.1-ba9503db2c53';
  const tfjs = `module.exports = {
    getBackend: () => 'tensorflow', tensor4d() {}, ones() {},
    matMul: () => ({ dataSync: () => [17, 39] }), conv2d: () => ({ dataSync: () => [10] }),
  };`;
  const compiler = `fs.writeFileSync(args[args.indexOf('-o') + 1], '');`;

  test.each([
    [
      'a compiler gives up on them',
      `if (args.includes('-mavx2')) { console.error('no avx2'); process.exit(1); }`,
      'no avx2',
    ],
    ["they don't compute rightly", '', "own kernels don't run here"],
  ])('%s', (_, fault, says) => {
    using clone = new Clone();
    for (const name of ['lib/libtensorflow_cc.so.2', 'lib/libtensorflow_framework.so.2', 'include/c_api.h'])
      clone.write(`${cached}/${name}`, '');
    clone.write('node_modules/@tensorflow/tfjs-node/index.js', tfjs);
    clone.write('node_modules/@tensorflow/tfjs-node/binding/binding.cc', '');
    clone.command('g++', fault + compiler);
    const { code, output } = clone.setup('--engine-only');
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(says) });
    expect(readdirSync(join(clone.engine, 'lib/napi-v8'))).toEqual(['tfjs_binding.node']);
    expect(clone.setup('--engine-only', '--quiet')).toEqual({ code: 0, output: '' });
    clone.write('node_modules/@tensorflow/tfjs-node/deps/auxflow.txt', `${clone.stamp} avx2`); // which isn't there
    expect(clone.setup('--engine-only', '--quiet').output).toContain('compiling the addon and the kernels');
    clone.write('core/engine/kernels/winograd.cc', 'changed');
    expect(clone.setup('--engine-only', '--quiet').output).toContain('compiling the addon and the kernels');
  });
});

test('a Node that is too old is refused by its version', () => {
  using clone = new Clone({ node: '>=99.1' });
  const { code, output } = clone.setup();
  expect(code).toBe(1);
  expect(output).toContain('auxflow needs Node 99.1 or newer');
});

test('an unknown option is refused', () => {
  using clone = new Clone();
  expect(clone.setup('--quite')).toMatchObject({ code: 2, output: expect.stringContaining('unknown option: --quite') });
});
