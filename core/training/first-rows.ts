import { tf } from '../engine/index.js';
import type { Loss, LossPoint } from '../stages/index.js';

/** The first rows of a tensor `[rows, ...]`, or the tensor itself where it has no more; differentiable on the tape. */
export const firstRows = (tensor: tf.Tensor, rows: number): tf.Tensor =>
  tensor.shape[0] === rows ? tensor : tf.slice(tensor, [0], [rows]);

/** A loss of the first outputs, as many as there are targets; its cotangent is 0 for the others. Owned by the caller. */
export function atFirst(loss: Loss, output: tf.Tensor, targets: tf.Tensor): LossPoint {
  const rows = targets.shape[0];
  const others = output.shape[0] - rows;
  if (others === 0) return loss.at(output, targets);
  const first = firstRows(output, rows);
  const point = loss.at(first, targets);
  const cotangent = tf.pad(
    point.cotangent,
    output.shape.map((_, axis) => [0, axis === 0 ? others : 0]),
  );
  return {
    value: point.value,
    cotangent,
    mixed: (tangent) => tf.tidy(() => point.mixed(firstRows(tangent, rows))),
    [Symbol.dispose]() {
      point[Symbol.dispose]();
      tf.dispose([first, cotangent]);
    },
  };
}
