import { batchNorm, chain, conv2d, dense, relu } from '../../core/autodiff/index.js';
import type { Layer } from '../../core/autodiff/index.js';

/** A 3x3 convolution, batch norm and ReLU; parameters below `name/conv` and `name/norm`. */
export const convBlock = (name: string, filters: number): Layer =>
  chain(conv2d(`${name}/conv`, { filters }), batchNorm(`${name}/norm`), relu());

/** Two dense layers with a ReLU between: a task's head on flat features. */
export const denseHead = (name: string, hidden: number, outputs: number): Layer =>
  chain(dense(`${name}/hidden`, { units: hidden }), relu(), dense(`${name}/logits`, { units: outputs }));
