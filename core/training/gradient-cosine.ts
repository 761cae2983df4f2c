import { dotParams, normParams, trunkOf } from '../autodiff/index.js';
import type { Params } from '../autodiff/index.js';

/**
 * Cosine of the primary and auxiliary gradients over the shared trunk as one vector, -1 to 1: how far the auxiliary
 * task pulls the trunk the way the primary one does (the paper's figure 5). 0 where either gradient vanishes.
 */
export function gradientCosine(primary: Params, auxiliary: Params): number {
  const [p, a] = [trunkOf(primary), trunkOf(auxiliary)];
  const norms = normParams(p) * normParams(a);
  return norms === 0 ? 0 : dotParams(p, a) / norms;
}
