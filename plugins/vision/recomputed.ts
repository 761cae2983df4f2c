import { z } from 'zod';
import { chain, recompute } from '../../core/autodiff/index.js';
import type { Layer } from '../../core/autodiff/index.js';

/** The key of every model that can trade time for memory. */
export const recomputeKey = z
  .boolean()
  .default(false)
  .describe('run each block again in its backward pass: less memory for some 40% more time');

/** The layers in a row, recomputed as one where that is wanted. */
export const recomputed = (wanted: boolean, ...layers: readonly Layer[]): Layer =>
  wanted ? recompute(chain(...layers)) : chain(...layers);
