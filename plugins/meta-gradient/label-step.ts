import { addParams, disposeParams, normParams, scaleParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { MetaStepMeasurement } from '../../core/events/index.js';
import type { Batch, LabelLinearisation, Regulariser, StepPosition } from '../../core/stages/index.js';
import { finite, rateAt } from '../../core/training/index.js';
import type { Learner } from '../../core/training/index.js';
import type { LabelCotangent, LabelGradient } from './method.js';
import type { MetaWork } from './work.js';

/** An inner batch with theta2's labels of it. */
export interface Labelled {
  readonly batch: Pick<Batch, 'primaryClasses'>;
  readonly labels: LabelLinearisation;
}

/** What moves theta2: the meta-gradient and the weighted regulariser together; owns its tensors. */
export interface Theta2Gradient extends Disposable {
  readonly params: Params;
  readonly measured: MovingParts;
}

/** What the labels are moved by. */
interface MovingParts {
  /** L2 norms of the two terms where they enter, in the labels. */
  readonly metaCotangentNorm: number;
  readonly regulariserCotangentNorm: number;
  /** The same norms of each primary class's samples alone, where labels come in blocks. */
  readonly metaCotangentNorms?: Float32Array;
  readonly regulariserCotangentNorms?: Float32Array;
  /** The unweighted regulariser, mean over the inner batches. */
  readonly regulariser: number;
}

/**
 * Takes what the labels were told back through the label network.
 * @param inner theta2's labels of each inner batch; this is the last use of them
 * @param psi the blocks of the labels, where the norms of each are wanted
 */
export function theta2Gradient(
  inner: readonly Labelled[],
  cotangents: readonly LabelCotangent[],
  regulariser: Regulariser,
  psi?: readonly number[],
): Theta2Gradient {
  const points = inner.map(({ labels }) => labels);
  const share = regulariser.weight / points.length;
  const { metaScale = 1 } = regulariser;
  const slopes = points.map(({ targets }) => tf.tidy(() => tf.mul(regulariser.cotangent(targets), share)));
  const value = tf.tidy(() => tf.mean(tf.stack(points.map(({ targets }) => regulariser.apply(targets)))));
  const scaled = metaScale === 1 ? cotangents : cotangents.map((one) => scaleParams(one, metaScale) as LabelCotangent);
  const pulled = points.map((point, i) => {
    const { targets, ...rest } = scaled[i]!;
    using total = tf.add(targets, slopes[i]!);
    return point.pullback(total, { ...rest, release: true });
  });
  const params = pulled.length === 1 ? pulled[0]! : addParams(...pulled);
  const measured = {
    metaCotangentNorm: norm(scaled.flatMap((one) => Object.values(one))),
    regulariserCotangentNorm: norm(slopes),
    ...(psi && {
      metaCotangentNorms: normsByClass(
        scaled.map(({ targets }) => targets),
        inner,
        psi.length,
      ),
      regulariserCotangentNorms: normsByClass(slopes, inner, psi.length),
    }),
    regulariser: value.dataSync()[0]!,
  };
  tf.dispose([slopes, value]);
  if (pulled.length > 1) disposeParams(...pulled);
  if (metaScale !== 1) disposeParams(...scaled);
  return { params, measured, [Symbol.dispose]: () => disposeParams(params) };
}

/** L2 norm of all tensors as one vector. */
const norm = (tensors: readonly tf.Tensor[]): number => normParams(Object.fromEntries(tensors.entries()));

/** L2 norm of the rows of each primary class. */
function normsByClass(tensors: readonly tf.Tensor[], inner: readonly Labelled[], classes: number): Float32Array {
  const squares = new Float32Array(classes);
  for (const [i, { batch }] of inner.entries()) {
    using rows = tf.tidy(() => tf.sum(tf.square(tensors[i]!), 1));
    rows.dataSync().forEach((square, n) => (squares[batch.primaryClasses[n]!]! += square));
  }
  return squares.map(Math.sqrt);
}

/**
 * theta2's update, after which the labels are used up.
 * @throws RunError where the loss after the look-ahead or the gradient isn't finite
 */
export function moveLabels(
  theta2: Learner,
  inner: readonly Labelled[],
  { cotangents, primaryLossBefore, primaryLossAfter }: LabelGradient,
  { strategy, labelOptimizer }: Pick<MetaWork, 'strategy' | 'labelOptimizer'>,
  position: StepPosition,
): MetaStepMeasurement {
  finite(primaryLossAfter, 'metaStep', 'primary loss after the look-ahead', position);
  theta2.commit(inner[0]!.labels.stateUpdate);
  using gradient = theta2Gradient(inner, cotangents, strategy.regulariser, strategy.head?.psi);
  const { params, measured } = gradient;
  const metaGradientNorm = finite(normParams(params), 'metaStep', 'meta-gradient', position);
  const learningRate = rateAt(labelOptimizer, 'metaStep', position);
  theta2.update(labelOptimizer, params, learningRate);
  return {
    type: 'meta-step:end',
    primaryLossBefore,
    primaryLossAfter,
    metaGradientNorm,
    ...measured,
    learningRate,
  };
}
