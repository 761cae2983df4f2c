import { disposable, disposeParams, mapParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { Cotangents, LookAhead, Optimizer, OptimizerState, Schedule } from '../../core/stages/index.js';
import { clipFactor, clipTranspose } from './clip.js';
import { combine } from './combine.js';
import type { Rule } from './rule.js';

interface Config {
  readonly learningRate: Schedule;
  readonly weightDecay: number;
  readonly clipNorm?: number | undefined;
}

/**
 * An optimizer whose rule treats every number alike. Around the rule, in this order: all gradients together are clipped
 * by their norm, the L2 penalty's gradient is added (or the weights shrink, where decay is `decoupled`), the weights move.
 */
export abstract class Elementwise<C extends Config> implements Optimizer {
  readonly learningRate: Schedule;
  /** For each slot, what its key in the state has before the parameter's name. */
  protected abstract readonly prefixes: Readonly<Record<string, string>>;
  protected readonly decoupled: boolean = false;

  constructor(protected readonly config: C) {
    this.learningRate = config.learningRate;
  }

  /** @param count updates made before this one */
  protected abstract rule(learningRate: number, count: number): Rule;

  init(params: Params): OptimizerState {
    const zeros = Object.values(this.prefixes).flatMap((prefix) =>
      Object.entries(params).map(([name, param]) => [prefix + name, tf.zerosLike(param)]),
    );
    return { tensors: Object.fromEntries(zeros) as Params, count: 0 };
  }

  update(params: Params, gradients: Params, state: OptimizerState, learningRate: number) {
    const { factor, next } = this.move(params, gradients, state, learningRate);
    factor?.dispose();
    return next;
  }

  /** Shares the tensors that its derivative reads, so the arguments may be disposed before it. */
  lookAhead(params: Params, gradients: Params, state: OptimizerState, learningRate: number): LookAhead {
    const { rule, penalty, shrink, factor, next } = this.move(params, gradients, state, learningRate);
    const { slope } = rule;
    const raw = slope !== undefined && !factor ? {} : shared(gradients);
    const weights = slope !== undefined || penalty === 0 ? {} : shared(params);

    const throughRule = (cotangents: Cotangents, wanted: { readonly state: boolean }) => {
      const back = { gradients: {} as Record<string, tf.Tensor>, state: {} as Record<string, tf.Tensor> };
      for (const [name, moved] of Object.entries(next.params)) {
        const change = cotangents.params[name];
        const slots = this.slots(name, cotangents.state);
        if (!change && Object.keys(slots).length === 0) continue;
        const given = tf.tidy(() => {
          const { gradient, slots: old } = rule.transpose(change, slots, {
            gradient: () => seen(raw[name], factor, weights[name], penalty) ?? tf.zeros(moved.shape),
            slots: this.slots(name, next.state.tensors),
          });
          return { gradient, state: wanted.state ? this.keyed(name, old) : {} };
        });
        if (given.gradient) back.gradients[name] = given.gradient;
        Object.assign(back.state, given.state);
      }
      return back;
    };
    const throughClip = (clipped: Params): Params => {
      if (!factor) return clipped;
      using owned = disposable(clipped);
      return clipTranspose(owned.params, raw, factor.dataSync()[0]!, this.config.clipNorm!);
    };

    return {
      ...next,
      ...(slope !== undefined && !factor && { factor: slope }),
      adjoint: (direction) => throughClip(throughRule({ params: direction, state: {} }, { state: false }).gradients),
      pullback(cotangents) {
        const back = throughRule(cotangents, { state: true });
        const params: Record<string, tf.Tensor> = {};
        for (const name of Object.keys(next.params)) {
          const cotangent = combine([shrink, cotangents.params[name]], [penalty, back.gradients[name]]);
          if (cotangent) params[name] = cotangent;
        }
        return { params, state: back.state, gradients: throughClip(back.gradients) };
      },
      [Symbol.dispose]() {
        disposeParams(next.params, next.state.tensors, raw, weights);
        factor?.dispose();
      },
    };
  }

  /** One update, with all that its derivative is made of; the caller owns `next` and `factor`, what clipping multiplied by. */
  private move(params: Params, gradients: Params, { tensors, count }: OptimizerState, learningRate: number) {
    const rule = this.rule(learningRate, count);
    const { clipNorm, weightDecay } = this.config;
    const [penalty, shrink] = this.decoupled ? [0, 1 - learningRate * weightDecay] : [weightDecay, 1];
    const factor = clipNorm === undefined ? undefined : clipFactor(gradients, clipNorm);
    const moved: Record<string, tf.Tensor> = {};
    const kept: Record<string, tf.Tensor> = {};
    for (const [name, param] of Object.entries(params)) {
      const { theta, state } = tf.tidy(() => {
        const gradient = seen(gradients[name], factor, param, penalty) ?? tf.zerosLike(param);
        const { change, slots } = rule.update(gradient, this.slots(name, tensors));
        return { theta: combine([shrink, param], [1, change])!, state: this.keyed(name, slots) };
      });
      moved[name] = theta;
      Object.assign(kept, state);
    }
    const next: { params: Params; state: OptimizerState } = {
      params: moved,
      state: { tensors: kept, count: count + 1 },
    };
    return { rule, penalty, shrink, factor, next };
  }

  /** The tensors kept beside one parameter, by slot. */
  private slots(name: string, tensors: Params): Params {
    const slots: Record<string, tf.Tensor> = {};
    for (const [slot, prefix] of Object.entries(this.prefixes)) {
      const tensor = tensors[prefix + name];
      if (tensor) slots[slot] = tensor;
    }
    return slots;
  }

  /** The same by their keys in the state. */
  private keyed(name: string, slots: Readonly<Record<string, tf.Tensor | undefined>>): Params {
    const tensors: Record<string, tf.Tensor> = {};
    for (const [slot, prefix] of Object.entries(this.prefixes)) {
      const tensor = slots[slot];
      if (tensor) tensors[prefix + name] = tensor;
    }
    return tensors;
  }
}

/** The gradient as a rule sees it: clipped, with the penalty's; `undefined` for zero. */
const seen = (
  gradient: tf.Tensor | undefined,
  factor: tf.Tensor | undefined,
  param: tf.Tensor | undefined,
  penalty: number,
): tf.Tensor | undefined => combine([factor ?? 1, gradient], [penalty, param]);

/** New references to the same tensors. */
const shared = (params: Params): Params => mapParams(params, (tensor) => tensor.clone());
