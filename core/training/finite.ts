import type { Params } from '../autodiff/index.js';
import { normParams } from '../autodiff/index.js';
import { RunError } from '../errors/index.js';
import type { StepPosition } from '../stages/index.js';
import type { TrainState } from './train-state.js';

/**
 * Hands a finite number back.
 * @throws RunError naming stage, step and term where a loss has become NaN or infinite
 */
export function finite(value: number, stage: string, term: string, { pass, step, epoch }: StepPosition): number {
  if (Number.isFinite(value)) return value;
  throw new RunError(
    'run/non-finite',
    `${stage}: the ${term} is ${value} at epoch ${Math.floor(epoch) + 1}, step ${step} of the ${pass} pass`,
    { stage, hint: 'a lower learning rate is the usual remedy; check the inputs for NaN too' },
  );
}

/** The first weight or running statistic that holds a NaN or an infinity, as `theta1's trunk/block1/kernel is NaN`. */
export function nonFiniteWeight({ theta1, theta2 }: TrainState): string | undefined {
  for (const [learner, network] of [
    ['theta1', theta1],
    ['theta2', theta2],
  ] as const) {
    const found = network && firstNonFinite({ ...network.variables.params, ...network.variables.state });
    if (found) return `${learner}'s ${found}`;
  }
  return undefined;
}

/** @throws RunError naming network and layer where a weight is not finite */
export function refuseNonFiniteWeights(state: TrainState, when: string): void {
  const found = nonFiniteWeight(state);
  if (found === undefined) return;
  throw new RunError('run/non-finite', `${found} ${when}`, {
    stage: 'optimizer',
    hint: 'a lower learning rate is the usual remedy',
  });
}

/** The first tensor with a value that isn't finite, as `NAME is NaN`; the norms of all are read first, which is cheap. */
export function firstNonFinite(params: Params): string | undefined {
  if (Number.isFinite(normParams(params))) return undefined;
  for (const [name, tensor] of Object.entries(params)) {
    const value = tensor.dataSync().find((element: number) => !Number.isFinite(element));
    if (value !== undefined) return `${name} is ${value}`;
  }
  return undefined;
}
