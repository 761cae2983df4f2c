// Run in a process of its own by kernels.mjs, as wrong instructions take the process down: node kernels-test.mjs FOLDER ADDON
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { loadTfjs } from './load-tfjs.mjs';

const [folder = '', addon = ''] = process.argv.slice(2);
const tf = loadTfjs(folder);
const backend = tf.backend();
createRequire(import.meta.url)(addon).start(2);

/** Small whole numbers, so that sums are exact in any order; kernels in multiples of four, since they are halved twice. */
const whole = (/** @type {number[]} */ shape, factor = 1) => {
  const values = Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (((i * 7919) % 31) % 5) - 2);
  return tf.tensor(values, shape, 'float32').mul(factor);
};
const int = (/** @type {number} */ value) => ({ name: 'pad', type: backend.binding.TF_ATTR_INT, value });
const bool = (/** @type {boolean} */ value) => ({ name: 'flipped', type: backend.binding.TF_ATTR_BOOL, value });
const same = (/** @type {any} */ found, /** @type {any} */ expected) =>
  assert.deepEqual(found.dataSync(), expected.dataSync());

for (const side of [4, 33]) {
  const x = whole([2, side, side, 32]);
  const kernel = whole([3, 3, 32, 64], 4);
  const dy = whole([2, side, side, 64], 4);
  const convolve = (/** @type {any} */ images, /** @type {any} */ weights) => tf.conv2d(images, weights, 1, 'same');
  const [dx, dKernel] = tf.grads(convolve)([x, kernel], dy);
  same(backend.executeSingleOutput('AuxflowConvolve', [int(1), bool(false)], [x, kernel]), convolve(x, kernel));
  same(backend.executeSingleOutput('AuxflowConvolve', [int(1), bool(true)], [dy, kernel]), dx);
  same(backend.executeSingleOutput('AuxflowKernelGradient', [int(1)], [x, dy]), dKernel);
}
