import type { Params } from '../autodiff/index.js';
import { normParams } from '../autodiff/index.js';
import { tf } from '../engine/index.js';
import { RunError } from '../errors/index.js';
import type { Optimizer, StepPosition } from '../stages/index.js';
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

/**
 * The rate of an optimizer's next update.
 * @param stage whose optimizer it is
 * @throws RunError for a schedule's value that is no rate
 */
export function rateAt({ learningRate }: Optimizer, stage: string, position: StepPosition): number {
  const rate = learningRate.at(position);
  if (Number.isFinite(rate) && rate >= 0) return rate;
  const { pass, step, epoch } = position;
  throw new RunError(
    'run/learning-rate',
    `${stage}: the learning rate is ${rate} at epoch ${Math.floor(epoch) + 1}, step ${step} of the ${pass} pass`,
    { stage, hint: 'The schedule must give a number that is finite and not below 0.' },
  );
}

/** The first weight or running statistic that holds a NaN or an infinity, as `theta1's trunk/block1/kernel is NaN`. */
export function nonFiniteWeight(state: TrainState): string | undefined {
  for (const [learner, tensors] of tensorsOf(state)) {
    const found = firstNonFinite(tensors);
    if (found !== undefined) return `${learner}'s ${found}`;
  }
  return undefined;
}

/** Weights this large are why losses overflow, though they themselves are finite. */
const huge = 1e6;

/** The largest weight or running statistic where it is that large, as `theta2's trunk/block1/kernel has grown to 3e+29`. */
export function hugeWeight(state: TrainState): string | undefined {
  const largest = tensorsOf(state)
    .flatMap(([learner, tensors]) =>
      Object.entries(tensors).map(([name, tensor]) => ({ name: `${learner}'s ${name}`, size: largestOf(tensor) })),
    )
    .reduce((one, other) => (other.size > one.size ? other : one), { name: '', size: 0 });
  return largest.size > huge ? `${largest.name} has grown to ${largest.size.toPrecision(2)}` : undefined;
}

const largestOf = (tensor: tf.Tensor): number => {
  using largest = tf.tidy(() => tf.max(tf.abs(tensor)));
  return largest.dataSync()[0]!;
};

const tensorsOf = ({ theta1, theta2 }: TrainState): readonly (readonly [string, Params])[] =>
  Object.entries({ theta1, theta2 }).flatMap(([name, network]) =>
    network ? [[name, { ...network.variables.params, ...network.variables.state }] as const] : [],
  );

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
