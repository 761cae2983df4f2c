import { disposable, disposeParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { Scope } from '../../core/engine/index.js';
import type { Batch, LabelLinearisation, Measurement, Pass, Step, StepPosition } from '../../core/stages/index.js';
import { combineTasks, gradientCosine, heads, holdBatch, isDue, measureStep } from '../../core/training/index.js';
import type { TrainState } from '../../core/training/index.js';
import { moveLabels } from './label-step.js';
import { labelGradient } from './method.js';
import { alongUpdate, mixedAlong } from './open-step.js';
import type { OpenStep } from './open-step.js';
import { primaryGradient } from './primary-gradient.js';
import { rulesAt } from './work.js';
import type { MetaWork } from './work.js';

/** A step that theta1 has taken and theta2 has yet to learn from. */
interface Pending extends Disposable, Pick<OpenStep, 'point' | 'losses' | 'combined' | 'ahead'> {
  readonly batch: Batch;
  readonly labels: LabelLinearisation;
  readonly position: StepPosition;
}

/**
 * Both updates for 10 forward passes of one network, the gradient cosine included: theta1's step on a batch is the
 * look-ahead, and the next batch is its meta batch, whose forward and primary backward pass at theta1+ the next step
 * makes anyway. Label network 3, step 1 + 2 + 2 with the tasks pulled back apart, tangent 2. Works for every optimizer,
 * since the step differentiated is the one taken. Two linearisations of the main network live at once.
 */
export class Streaming implements Pick<Pass, 'step' | 'settle'>, Disposable {
  private pending: Pending | undefined;

  constructor(
    private readonly work: MetaWork,
    private readonly cosineEvery: number,
  ) {}

  readonly step: Step = (state, drawn, position) => {
    const { network, objective, combiner, optimizer, strategy } = this.work;
    const { theta1, theta2 } = state;
    const scope = new Scope();
    try {
      const batch = scope.own(holdBatch(drawn));
      const point = scope.own(network.linearize(scope.own(theta1.hold()), batch.inputs, theta1.mode));
      const primary = scope.own(objective.primaryAt(point.outputs, batch.primary));
      const v = scope.own(disposable(point.pullback({ [heads.primary]: primary.cotangent }))).params;
      const moved = this.learn(state, v, primary.value);

      const labels = scope.own(strategy.linearize(theta2!.variables, batch, theta2!.mode));
      const auxiliary = scope.own(objective.auxiliaryAt(point.outputs, labels));
      const losses = { primary, auxiliary, [Symbol.dispose]: () => undefined };
      const seen = measureStep(point.outputs, losses, batch, position, labels.targets, strategy.head?.psi);
      const u = point.pullback({ [heads.auxiliary]: auxiliary.cotangent });
      const cosine = isDue(this.cosineEvery, theta1) && { gradientCosine: gradientCosine(v, u) };

      const values = { primary: primary.value, auxiliary: auxiliary.value };
      const combined = scope.own(combineTasks(combiner, { primary: v, auxiliary: u }, values));
      const { learningRate } = rulesAt(this.work, position);
      const { params } = theta1.variables;
      const ahead = scope.own(optimizer.lookAhead(params, combined.gradients, theta1.optimizer, learningRate));
      disposeParams(combined.gradients);
      theta1.commit(point.stateUpdate);
      theta1.take(ahead);
      this.pending = {
        point,
        losses,
        combined,
        ahead,
        batch,
        labels,
        position,
        [Symbol.dispose]: () => scope[Symbol.dispose](),
      };
      return [...moved, { ...seen, learningRate, ...cosine }];
    } catch (error) {
      scope[Symbol.dispose]();
      throw error;
    }
  };

  /** theta2 learns from the last step by the batch that would come next, as it would have from that batch's own step. */
  readonly settle: Step = (state, next) => {
    if (!this.pending) return [];
    const { theta1 } = state;
    using v = primaryGradient(this.work, theta1.variables, next, theta1.mode);
    return this.learn(state, v.params, v.primaryLoss);
  };

  /** theta2's update from the step before, judged by the primary gradient where that step led. */
  private learn({ theta2 }: TrainState, v: Params, primaryLoss: number): readonly Measurement[] {
    if (!this.pending) return [];
    using pending = this.pending;
    this.pending = undefined;
    const { losses, batch, position } = pending;
    const cotangent = alongUpdate(pending, v, (direction) => mixedAlong(pending, direction, this.work));
    using answer = labelGradient([cotangent], losses.primary.value, primaryLoss);
    const moved = moveLabels(theta2!, [pending], answer, this.work, position);
    return [{ ...moved, step: position.step, samples: batch.size }];
  }

  [Symbol.dispose](): void {
    this.pending?.[Symbol.dispose]();
    this.pending = undefined;
  }
}
