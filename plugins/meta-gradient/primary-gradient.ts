import type { Mode, Variables } from '../../core/autodiff/index.js';
import { disposeParams } from '../../core/autodiff/index.js';
import type { Batch } from '../../core/stages/index.js';
import { heads } from '../../core/training/index.js';
import type { Direction, InnerRules } from './method.js';

/** The primary loss of a batch at `variables`, and its gradient there; the activations die with the call. */
export function primaryGradient(
  { network, objective }: Pick<InnerRules, 'network' | 'objective'>,
  variables: Variables,
  { inputs, primary }: Batch,
  mode: Mode,
): Direction {
  using point = network.linearize(variables, inputs, mode, [heads.primary]);
  using loss = objective.primaryAt(point.outputs, primary);
  const params = point.pullback({ [heads.primary]: loss.cotangent }, { release: true });
  return { params, primaryLoss: loss.value, [Symbol.dispose]: () => disposeParams(params) };
}
