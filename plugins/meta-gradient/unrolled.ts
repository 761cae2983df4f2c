import { addParams, disposeParams } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { RunError } from '../../core/errors/index.js';
import type { Cotangents, LookAhead } from '../../core/stages/index.js';
import { hessianVector } from './hessian-vector.js';
import { afterSteps, labelGradient } from './method.js';
import type { InnerRules, LabelCotangent, MetaGradient, MetaProblem } from './method.js';
import { along, mixedAlong, openStep } from './open-step.js';
import type { OpenStep } from './open-step.js';
import { primaryGradient } from './primary-gradient.js';

/**
 * Looks several steps ahead: the primary loss after theta1 took one step on each inner batch, differentiated through all
 * of them and through what the optimizer remembers. Walking back, each step contributes the mixed derivative along the
 * cotangent of its gradient, and hands the rest on through a Hessian-vector product (Maclaurin, Duvenaud and Adams 2015,
 * "Gradient-based Hyperparameter Optimization through Reversible Learning", algorithm 2). Memory grows with the steps.
 */
export const unrolled: MetaGradient = ({ theta1, inner, meta }, rules) => {
  const { cotangents, before, after } = tf.tidy(() => {
    const steps = walkAhead(theta1, inner, rules);
    const { ahead, mode } = steps.at(-1)!;
    const end = primaryGradient(rules, { ...theta1.variables, params: ahead.params }, meta, afterSteps(mode, 1));

    const cotangents: LabelCotangent[] = [];
    let cotangent: Cotangents = { params: end.params, state: {} };
    for (let i = steps.length - 1; i >= 0; i--) {
      const step = steps[i]!;
      const { gradients, params, state } = transpose(step.ahead, cotangent, i > 0);
      cotangents[i] = along(step.combined, gradients, (direction) => mixedAlong(step, direction, rules));
      disposeParams(cotangent.params, cotangent.state);
      step.point[Symbol.dispose]();
      if (i > 0) cotangent = { params: addParams(params, hessianVector(step, inner[i]!, gradients, rules)), state };
      disposeParams(params, gradients);
    }
    return { cotangents, before: steps[0]!.losses.primary.value, after: end.primaryLoss };
  });
  return labelGradient(cotangents, before, after);
};

/** theta1's steps on each inner batch in turn, all kept open. */
function walkAhead(theta1: MetaProblem['theta1'], inner: MetaProblem['inner'], rules: InnerRules): readonly OpenStep[] {
  const steps: OpenStep[] = [];
  let at: Pick<typeof theta1, 'variables' | 'optimizer' | 'mode'> = theta1;
  for (const step of inner) {
    const open = openStep(at, step, rules);
    steps.push(open);
    at = {
      variables: { ...theta1.variables, params: open.ahead.params },
      optimizer: open.ahead.state,
      mode: afterSteps(at.mode, 1),
    };
  }
  return steps;
}

/** The cotangents before a step; those of weights and state only where an earlier step wants them. */
function transpose(
  ahead: LookAhead,
  cotangents: Cotangents,
  earlier: boolean,
): ReturnType<NonNullable<LookAhead['pullback']>> {
  if (!earlier && Object.keys(cotangents.state).length === 0) {
    return { gradients: ahead.adjoint(cotangents.params), params: {}, state: {} };
  }
  if (ahead.pullback) return ahead.pullback(cotangents);
  throw new RunError('meta-step/optimizer', "theta1's optimizer has no pullback, which unrolled steps need", {
    stage: 'optimizer',
    hint: 'use sgd, adam or adamw, or the method exact with one step',
  });
}
