import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { expect, test } from '@jest/globals';
import {
  attribute,
  doctor,
  engineInfo,
  fastestKernels,
  formatDoctor,
  nativeOp,
  Scope,
  tf,
} from '../../core/engine/index.js';
import type { OwnKernels } from '../../core/engine/index.js';

test('is the native engine', () => {
  expect(engineInfo()).toMatchObject({
    backend: 'tensorflow',
    tfjs: '4.22.0',
    tensorflow: expect.stringMatching(/^2\./),
  });
});

test('tells what the last bits depend on', () => {
  const { threads, parallelOperations, oneDnn, processor } = engineInfo();
  expect(threads).toBe(Number(process.env['TF_NUM_INTRAOP_THREADS'] ?? availableParallelism()));
  expect(parallelOperations).toBe(Number(process.env['TF_NUM_INTEROP_THREADS'] ?? availableParallelism()));
  expect(oneDnn).toBe(process.env['TF_ENABLE_ONEDNN_OPTS'] !== '0');
  expect(processor.model).not.toBe('');
  if (process.platform === 'linux') expect(processor.vectors).toContain(process.arch === 'x64' ? 'avx' : 'asimd');
});

test.each([
  ['0', false],
  ['FALSE', false],
  ['1', true],
])('tells of TF_ENABLE_ONEDNN_OPTS=%s', (value, on) => {
  const before = process.env['TF_ENABLE_ONEDNN_OPTS'];
  process.env['TF_ENABLE_ONEDNN_OPTS'] = value;
  expect(engineInfo().oneDnn).toBe(on);
  process.env['TF_ENABLE_ONEDNN_OPTS'] = before;
});

test.each<[vectors: string[], there: string[], OwnKernels]>([
  [['avx2', 'avx512f', 'fma'], ['avx2', 'avx512'], 'avx512'],
  [['avx2', 'avx512f', 'fma'], ['avx2'], 'avx2'],
  [['avx2', 'fma'], ['avx2', 'avx512'], 'avx2'],
  [['avx2'], ['avx2', 'avx512'], 'none'],
  [['avx2', 'fma'], [], 'none'],
])('with %j, of the kernels %j it takes %s', (vectors, there, kernels) => {
  expect(fastestKernels(vectors, (name) => there.includes(name))).toBe(kernels);
});

test('AUXFLOW_KERNELS=0 leaves all work to TensorFlow', () => {
  const environment = { ...process.env, AUXFLOW_KERNELS: '0' };
  const doctor = execFileSync(process.execPath, ['bin/auxflow.js', 'doctor'], { encoding: 'utf8', env: environment });
  expect(doctor).toMatch(/own kernels +none/);
});

test('computes right by its own self-test', () => {
  const report = doctor();
  expect(report.checks.filter(({ passed }) => !passed)).toEqual([]);
  expect(formatDoctor(report)).toContain('in order');
});

test('the self-test leaves no tensors behind', () => {
  const before = tf.memory().numTensors;
  doctor();
  expect(tf.memory().numTensors).toBe(before);
});

test('typed arrays of the engine and of tests are the same', () => {
  expect(tf.tensor1d([1, 2]).dataSync()).toBeInstanceOf(Float32Array);
  expect(tf.tensor1d(new Float32Array([1, 2])).dtype).toBe('float32');
  expect(tf.tensor1d(new Int32Array([1, 2])).dtype).toBe('int32');
});

test('`using` frees a tensor at the end of its block', () => {
  const before = tf.memory().numTensors;
  {
    using x = tf.tensor1d([1, 2]);
    expect(x.size).toBe(2);
  }
  expect(tf.memory().numTensors).toBe(before);
});

test('a scope frees what it owns in reverse order', () => {
  const freed: string[] = [];
  {
    using scope = new Scope();
    scope.defer(() => freed.push('first'));
    scope.defer(() => freed.push('second'));
  }
  expect(freed).toEqual(['second', 'first']);
});

test('runs operations that tfjs has no function for', () => {
  const [dx] = nativeOp('ReluGrad', [tf.tensor1d([5, 7]), tf.tensor1d([0, 2])], { T: attribute.float32() });
  expect([...dx!.dataSync()]).toEqual([0, 7]);
});
