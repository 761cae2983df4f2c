import { chain, convNorm, dense, maxPool, relu } from '../../core/autodiff/index.js';
import type { Layer } from '../../core/autodiff/index.js';

/**
 * A 3x3 convolution, batch norm, ReLU and, on demand, 2x2 max pooling; parameters below `name/conv` and `name/norm`.
 * ReLU and max pooling commute, and pooling first leaves ReLU a quarter of the work.
 */
export const convBlock = (name: string, filters: number, { pool = false } = {}): Layer =>
  chain(convNorm(`${name}/conv`, `${name}/norm`, { filters }), ...(pool ? [maxPool()] : []), relu());

/** Two dense layers with a ReLU between: a task's head on flat features. */
export const denseHead = (name: string, hidden: number, outputs: number): Layer =>
  chain(dense(`${name}/hidden`, { units: hidden }), relu(), dense(`${name}/logits`, { units: outputs }));

/** One dense layer: the plainest head. */
export const linearHead = (name: string, outputs: number): Layer => chain(dense(`${name}/logits`, { units: outputs }));
