/*
 * Makes `tf.grad(x => <tf.grad(f)(x), v>)` right for the operations that people train with: importing it is enough.
 * What can't be differentiated twice throws and names the operation.
 */
import './tape.js';
import './batch-norm.js';
import './constants.js';
import './convolutions.js';
import './elementwise.js';
import './einsum.js';
import './fused.js';
import './indexing.js';
import './pools.js';
import './prod.js';
import './resizing.js';
