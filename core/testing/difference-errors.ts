import { dotParams, mapParams } from '../autodiff/index.js';
import type { Layer, Linearisation, Mode, Variables } from '../autodiff/index.js';
import { tf } from '../engine/index.js';
import { distance, norm } from './distance.js';
import type { Directions } from './layer-errors.js';

/** Central differences of sixth order: weights of f(h), f(2h), f(3h), each minus its mirror image. */
const stencil = [3 / 4, -3 / 20, 1 / 60];

/**
 * Error of both linear maps against differences of the layer's output along one direction; relative. It is the least
 * over several steps, since kinks ask for small ones and rounding for large ones.
 */
export function differenceErrors(
  layer: Layer,
  { params, state }: Variables,
  x: tf.Tensor,
  mode: Mode,
  point: Linearisation,
  { u, dParams, dx }: Directions,
): number {
  const outputAt = (step: number): tf.Tensor => {
    const moved = mapParams(params, (tensor, _, direction) => tf.add(tensor, tf.mul(direction!, step)), dParams);
    using there = layer.linearize({ params: moved, state }, tf.add(x, tf.mul(dx, step)), mode);
    return there.output.clone();
  };
  const pushed = point.pushforward(dParams, dx)!;
  const pulled = point.pullback(u, { input: true });
  const pulledAlong = dotParams(pulled.params, dParams) + dotParams({ x: pulled.input! }, { x: dx });

  const errors = [0.05, 0.01, 0.002, 0.0005].map((h) =>
    tf.tidy(() => {
      const derivative = tf.addN(
        stencil.map((weight, i) => tf.mul(tf.sub(outputAt((i + 1) * h), outputAt(-(i + 1) * h)), weight / h)),
      );
      const along = dotParams({ u }, { u: derivative });
      return Math.max(
        distance([pushed], [derivative]),
        Math.abs(pulledAlong - along) / (norm([u]) * norm([derivative])),
      );
    }),
  );
  return Math.min(...errors);
}
