import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { conv2d } from '../../core/autodiff/native/index.js';
import type { ConvOptions } from '../../core/autodiff/native/index.js';
import { attribute, nativeBackend, nativeOp, ownKernels, tf } from '../../core/engine/index.js';
import { Folder } from '../config/folder.js';
import { convolutionBySums } from './convolution-by-sums.js';

const root = join(import.meta.dirname, '..', '..');

const normal = (shape: number[], seed: number): tf.Tensor4D =>
  tf.randomNormal<tf.Rank.R4>(shape as [number, number, number, number], 0, 1, 'float32', seed);

/** What TensorFlow runs while `work` does. */
function operations(work: () => void): string[] {
  const execute = jest.spyOn(nativeBackend(), 'executeMultipleOutputs');
  try {
    work();
    return execute.mock.calls.map(([name]) => name);
  } finally {
    execute.mockRestore();
  }
}

/** All three maps of a 3x3 convolution, in the order of `names`. */
const maps = (x: tf.Tensor4D, kernel: tf.Tensor4D, dy: tf.Tensor4D, options: ConvOptions): tf.Tensor[] => [
  conv2d.run(x, kernel, options),
  conv2d.backpropInput(x.shape, kernel, dy, options),
  conv2d.backpropFilter(x, kernel.shape, dy, options),
];

// Elsewhere the set-up compiles no kernels.
const onLinux = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

onLinux('3x3 convolutions by minimal filtering', () => {
  it('run on kernels that the set-up has compiled for this processor', () => {
    expect(ownKernels).toMatch(/^avx/);
  });

  it('are the sums in double precision, and so are both adjoints', () => {
    const channels = fc.constantFrom(32, 64, 96);
    const side = fc.integer({ min: 2, max: 9 });
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 3 }), side, side, channels),
        channels,
        fc.constantFrom('same' as const, 'valid' as const),
        ([n, height, width, ins], outs, padding) => {
          fc.pre(padding === 'same' || Math.min(height, width) >= 4);
          expectSums([n, height, width, ins], outs, padding);
        },
      ),
      { numRuns: 40 },
    );
  });

  // More tiles than go through the caches at once, in both of the ways that they are cut.
  it.each([
    [[4, 24, 25, 32], 64],
    [[2, 18, 18, 96], 32],
    [[11, 7, 8, 32], 32],
  ] as const)('over images %j too, to %i channels', (shape, outs) => expectSums([...shape], outs, 'same'));

  it('take a dilated kernel as a plain one over every other pixel', () => {
    tf.tidy(() => {
      const [x, kernel] = [normal([2, 7, 9, 32], 1), normal([3, 3, 32, 32], 2)];
      const expected = tf.conv2d(x, kernel, 1, 'same', 'NHWC', 2);
      const names = operations(() => {
        const y = conv2d.run(x, kernel, { strides: 1, padding: 'same', dilations: 2 });
        expect(tf.max(tf.abs(tf.sub(y, expected))).dataSync()[0]).toBeLessThan(1e-4);
      });
      expect(names).toContain('AuxflowConvolve');
    });
  });

  it.each<[why: string, kernel: [number, number, number, number], strides: number, height?: number]>([
    ['another size', [5, 5, 32, 32], 1],
    ['strides', [3, 3, 32, 32], 2],
    ['other channels', [3, 3, 16, 32], 1],
    ['other filters', [3, 3, 32, 48], 1],
    ['single pixels', [3, 3, 32, 32], 1, 1],
  ])("are TensorFlow's with %s", (_, shape, strides, height = 6) => {
    tf.tidy(() => {
      const [x, kernel] = [tf.ones<tf.Rank.R4>([1, height, 6, shape[2]]), tf.ones<tf.Rank.R4>(shape)];
      const dy = tf.ones<tf.Rank.R4>([1, height / strides, 6 / strides, shape[3]]);
      const names = operations(() => maps(x, kernel, dy, { strides, padding: 'same' }));
      expect(names).toEqual(expect.arrayContaining(['Conv2D', 'Conv2DBackpropInput']));
      expect(names.join()).not.toContain('Auxflow');
    });
  });

  it('are zero for no images', () => {
    tf.tidy(() => {
      const [x, dy] = [tf.zeros<tf.Rank.R4>([0, 4, 4, 32]), tf.zeros<tf.Rank.R4>([0, 4, 4, 64])];
      const [y, dx, dKernel] = maps(x, tf.ones([3, 3, 32, 64]), dy, { strides: 1, padding: 'same' });
      expect([y!.shape, dx!.shape]).toEqual([dy.shape, x.shape]);
      expect(tf.max(tf.abs(dKernel!)).dataSync()[0]).toBe(0);
    });
  });

  it('leave no tensor behind', () => {
    const [x, kernel, dy] = [normal([1, 4, 4, 32], 1), normal([3, 3, 32, 32], 2), normal([1, 4, 4, 32], 3)];
    const { numTensors } = tf.memory();
    tf.dispose(maps(x, kernel, dy, { strides: 1, padding: 'same' }));
    expect(tf.memory().numTensors).toBe(numTensors);
    tf.dispose([x, kernel, dy]);
  });

  it('are the same to the last bit on one thread and on many', () => {
    const results = ['1', '2', '5'].map((threads) =>
      execFileSync(process.execPath, ['--input-type=module', '--eval', hashOfAllMaps], {
        encoding: 'utf8',
        env: { ...process.env, TF_NUM_INTRAOP_THREADS: threads },
      }),
    );
    expect(results[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(results).size).toBe(1);
  });

  // Node unloads an addon with the last thread that has loaded it, and each thread has an environment of its own.
  it('run in worker threads one after the other, whatever threads these ask for', () => {
    const workers = `
      import { once } from 'node:events';
      import { Worker } from 'node:worker_threads';
      for (const threads of ['4', '1', '2']) {
        const worker = new Worker(${JSON.stringify(`import('${root}/dist/core/autodiff/native/index.js').then(async ({ conv2d }) => {
          const { tf } = await import('${root}/dist/core/engine/index.js');
          const y = conv2d.run(tf.ones([2, 40, 40, 32]), tf.ones([3, 3, 32, 64]), { strides: 1, padding: 'same' });
          console.log(y.max().dataSync()[0]);
        })`)}, { eval: true, env: { ...process.env, TF_NUM_INTRAOP_THREADS: threads } });
        await once(worker, 'exit');
      }`;
    const arguments_ = ['--input-type=module', '--eval', workers];
    expect(execFileSync(process.execPath, arguments_, { encoding: 'utf8' })).toBe('288\n288\n288\n');
  });

  it('are loaded once, though another copy of auxflow in the process has some too', () => {
    using folder = new Folder();
    const own = join(root, 'node_modules/@tensorflow/tfjs-node/lib/napi-v8');
    const copy = join(folder.path, 'copy.node');
    copyFileSync(join(own, `auxflow-${ownKernels}.node`), copy);
    const load = `
      require('${own}/tfjs_binding.node');
      for (const file of ['${own}/auxflow-${ownKernels}.node', '${copy}']) require(file).start(2);
      console.log('both');`;
    expect(execFileSync(process.execPath, ['--eval', load], { encoding: 'utf8', stdio: 'pipe' })).toBe('both\n');
  });

  it.each<[what: string, x: number[], kernel: number[], zeros: number, says: string]>([
    ['a wrong rank', [4, 4, 32], [3, 3, 32, 32], 1, 'rank 4'],
    ['another kernel', [1, 4, 4, 32], [5, 5, 32, 32], 1, 'not 3x3'],
    ['unequal channels', [1, 4, 4, 32], [3, 3, 64, 32], 1, 'differ in channels'],
    ['odd channels', [1, 4, 4, 32], [3, 3, 32, 40], 1, 'multiples of 32'],
    ['no channels', [1, 4, 4, 0], [3, 3, 0, 32], 1, 'multiples of 32'],
    ['too small images', [1, 2, 4, 32], [3, 3, 32, 32], 0, 'smaller than the kernel'],
  ])('refuse %s', (_, x, kernel, zeros, says) => {
    tf.tidy(() => {
      const attributes = { ...pad(zeros), flipped: attribute.bool(false) };
      expect(() => nativeOp('AuxflowConvolve', [tf.ones(x), tf.ones(kernel)], attributes)).toThrow(says);
    });
  });

  it('refuse a cotangent of another size', () => {
    tf.tidy(() => {
      const [x, dy] = [tf.ones([1, 4, 4, 32]), tf.ones([1, 4, 5, 32])];
      expect(() => nativeOp('AuxflowKernelGradient', [x, dy], pad(1))).toThrow("don't fit");
    });
  });
});

function pad(count: number): Parameters<typeof nativeOp>[2] {
  return { pad: attribute.int(count) };
}

function expectSums(shape: number[], outs: number, padding: ConvOptions['padding']): void {
  tf.tidy(() => {
    const [n, height, width, ins] = shape as [number, number, number, number];
    const cut = padding === 'valid' ? 2 : 0;
    const [x, kernel] = [normal(shape, 1), normal([3, 3, ins, outs], 2)];
    const dy = normal([n, height - cut, width - cut, outs], 3);
    const { y, inputGradient, kernelGradient } = convolutionBySums(x, kernel, dy, 1, padding);
    const names = operations(() => {
      const found = maps(x, kernel, dy, { strides: 1, padding });
      [y, inputGradient, kernelGradient].forEach((expected, i) => {
        const values = found[i]!.dataSync<'float32'>();
        expect(values).toHaveLength(expected.length);
        const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const error = values.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k]!)), 0);
        expect(error / largest).toBeLessThan(3e-6);
      });
    });
    expect(names).toEqual(['AuxflowConvolve', 'AuxflowConvolve', 'AuxflowKernelGradient']);
  });
}

const hashOfAllMaps = `
  import { createHash } from 'node:crypto';
  import { conv2d } from './dist/core/autodiff/native/index.js';
  import { tf } from './dist/core/engine/index.js';
  const hash = createHash('sha256');
  for (const side of [2, 19]) {
    const [x, kernel, dy] = [[5, side, side, 64], [3, 3, 64, 96], [5, side, side, 96]].map((shape, seed) =>
      tf.randomNormal(shape, 0, 1, 'float32', seed + 1));
    const options = { strides: 1, padding: 'same' };
    hash.update(conv2d.run(x, kernel, options).dataSync());
    hash.update(conv2d.backpropInput(x.shape, kernel, dy, options).dataSync());
    hash.update(conv2d.backpropFilter(x, kernel.shape, dy, options).dataSync());
  }
  process.stdout.write(hash.digest('hex'));
`;
