import { isDue, measureStep } from '../../core/training/index.js';
import type { Step } from '../../core/stages/index.js';
import { moveLabels } from './label-step.js';
import { throughStep } from './one-step.js';
import type { OneStepMethod } from './one-step.js';
import { openStep } from './open-step.js';
import { batchesOf, rulesAt } from './work.js';
import type { MetaWork } from './work.js';

/**
 * Both updates for the price of a meta-step: theta1's step is the look-ahead, taken once theta2 has learned from it.
 * Per batch 11 forward passes of one network (a backward counts two): label network 3, step 3, look-ahead 3, tangent 2;
 * where the gradient cosine is measured, the tasks are pulled back apart and the step costs 5.
 */
export const interleaved =
  (method: OneStepMethod, work: MetaWork, cosineEvery: number): Step =>
  ({ theta1, theta2 }, batch, position, draw) => {
    const rules = rulesAt(work, position);
    const { meta } = batchesOf(work, batch, draw);
    using labels = work.strategy.linearize(theta2!.variables, batch, theta2!.mode);
    const inner = { batch, labels };
    using step = openStep(theta1, inner, rules, { measureCosine: isDue(cosineEvery, theta1), taken: true });
    const { targets } = labels;
    const seen = measureStep(step.point.outputs, step.losses, batch, position, targets, work.strategy.head?.psi);
    using answer = throughStep(method, step, inner, meta, rules, { drop: false });

    const { learningRate } = rules;
    const { gradientCosine } = step;
    theta1.commit(step.point.stateUpdate);
    theta1.take(step.ahead);
    const moved = moveLabels(theta2!, [inner], answer, work, position);
    return [{ ...seen, learningRate, ...(gradientCosine !== undefined && { gradientCosine }) }, moved];
  };
