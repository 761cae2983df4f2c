import type { ServiceIdentifier } from 'inversify';
import { Network } from '../autodiff/index.js';
import type { Outputs, Shape } from '../autodiff/index.js';
import { Scope, tf } from '../engine/index.js';
import type { Labels, Loss, LossPoint, Model, Task } from '../stages/index.js';
import { atFirst, firstRows } from './first-rows.js';

/** Head names of the main network: one per task. */
export const heads = { primary: 'primary', auxiliary: 'auxiliary' } as const satisfies Record<Task, string>;

/** The losses of both tasks at one point, kept apart. */
export interface ObjectivePoint extends Disposable {
  readonly primary: LossPoint;
  /** Absent without auxiliary labels. */
  readonly auxiliary?: LossPoint;
}

/** What theta1 minimises: a primary loss and, where there are auxiliary labels, an auxiliary one. */
export class Objective {
  constructor(
    private readonly primary: Loss,
    private readonly auxiliary: Loss,
  ) {}

  /** Both losses at the main network's outputs; everything is borrowed, the point is the caller's. */
  at(outputs: Outputs, primary: tf.Tensor, labels?: Pick<Labels, 'targets' | 'weights'>): ObjectivePoint {
    const scope = new Scope();
    const point = {
      primary: scope.own(this.primaryAt(outputs, primary)),
      [Symbol.dispose]: () => scope[Symbol.dispose](),
    };
    return labels ? { ...point, auxiliary: scope.own(this.auxiliaryAt(outputs, labels)) } : point;
  }

  /** The auxiliary loss alone. */
  auxiliaryAt(outputs: Outputs, { targets, weights }: Pick<Labels, 'targets' | 'weights'>): LossPoint {
    return this.auxiliary.at(outputs[heads.auxiliary]!, targets, weights);
  }

  /**
   * The mixed derivative in the samples' weights: the gradient in them of the auxiliary loss's change along a tangent of
   * its output, float32 `[batch]`, owned by the caller. The loss is linear in the weights, so at weights of 1 every sample
   * shows its own slope.
   */
  mixedInWeights(outputs: Outputs, { targets }: Pick<Labels, 'targets'>, tangent: tf.Tensor): tf.Tensor1D {
    using unweighted = this.auxiliaryAt(outputs, { targets });
    return tf.tidy(() => tf.sum<tf.Tensor1D>(tf.mul(unweighted.cotangent, tangent), -1));
  }

  /** The primary loss alone; where there are more outputs than targets, of the first ones. */
  primaryAt(outputs: Outputs, primary: tf.Tensor): LossPoint {
    return atFirst(this.primary, outputs[heads.primary]!, primary);
  }

  /** Both losses in tfjs operations, differentiable to any order on the tape; scalars owned by the caller. */
  apply(outputs: Outputs, primary: tf.Tensor, labels: Pick<Labels, 'targets' | 'weights'>): Record<Task, tf.Scalar> {
    return { primary: this.applyPrimary(outputs, primary), auxiliary: this.applyAuxiliary(outputs, labels) };
  }

  /** The auxiliary loss alone, on the tape. */
  applyAuxiliary(outputs: Outputs, { targets, weights }: Pick<Labels, 'targets' | 'weights'>): tf.Scalar {
    return this.auxiliary.apply(outputs[heads.auxiliary]!, targets, weights);
  }

  /** The primary loss alone, on the tape. */
  applyPrimary(outputs: Outputs, primary: tf.Tensor): tf.Scalar {
    return this.primary.apply(firstRows(outputs[heads.primary]!, primary.shape[0]), primary);
  }
}

/** The multi-task network of theta1, built from the model stage with one head per task. */
export const MainNetwork: ServiceIdentifier<Network> = Symbol.for('auxflow/MainNetwork');

/** The model's trunk with a primary head, and an auxiliary one where labels ask for it. */
export function mainNetwork(model: Model, input: Shape, primaryOutputs: number, auxiliaryOutputs?: number): Network {
  const trunk = model.trunk(input);
  const features = trunk.outputShape(input);
  return new Network(
    trunk,
    {
      [heads.primary]: model.head(heads.primary, features, primaryOutputs),
      ...(auxiliaryOutputs ? { [heads.auxiliary]: model.head(heads.auxiliary, features, auxiliaryOutputs) } : {}),
    },
    input,
  );
}
