// Run in a process of its own by engine.mjs, as a broken library may take the process down: node smoke-test.mjs FOLDER
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import util from 'node:util';

// tfjs-node still calls two functions that Node 22 deprecated and Node 23 removed.
Object.assign(util, { isNullOrUndefined: (/** @type {unknown} */ value) => value == null, isArray: Array.isArray });

const tf = createRequire(import.meta.url)(process.argv[2] ?? '');
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
