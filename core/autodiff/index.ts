import './second-order.js';

export * from './layer.js';
export * from './network.js';
export * from './params.js';
export { batchNorm } from './layers/batch-norm.js';
export { chain } from './layers/chain.js';
export { conv2d } from './layers/conv2d.js';
export { dense } from './layers/dense.js';
export { maxPool } from './layers/max-pool.js';
export { relu } from './layers/relu.js';
export { flatten, zeroPad } from './layers/reshape.js';
export { wrap } from './layers/wrap.js';
