// Run in a process of its own by engine.mjs, as a broken library may take the process down: node smoke-test.mjs FOLDER
import assert from 'node:assert/strict';
import { loadTfjs } from './load-tfjs.mjs';

const tf = loadTfjs(process.argv[2] ?? '');
const image = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
assert.equal(tf.getBackend(), 'tensorflow');
assert.deepEqual(
  [
    ...tf
      .matMul(
        [
          [1, 2],
          [3, 4],
        ],
        [[5], [6]],
      )
      .dataSync(),
  ],
  [17, 39],
);
assert.deepEqual([...tf.conv2d(image, tf.ones([2, 2, 1, 1]), 1, 'valid').dataSync()], [10]);
