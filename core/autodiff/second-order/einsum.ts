import { RunError } from '../../errors/index.js';
import { tf } from '../../engine/index.js';

/** Another einsum over `dy` and the other operand; labels that only this operand has are broadcast. */
tf.registerGradient({
  kernelName: 'Einsum',
  saveAllInputs: true,
  gradFunc: (dy, operands, attributes) => {
    const { labels, output } = parse(attributes['equation'] as string);
    const gradient = (i: number): tf.Tensor => {
      const others = operands.filter((_, other) => other !== i);
      const otherLabels = labels.filter((_, other) => other !== i);
      const own = Array.from(labels[i]!);
      const known = own.filter((label) => output.includes(label) || otherLabels.some((list) => list.includes(label)));
      const reduced = tf.einsum(`${[output, ...otherLabels].join()}->${known.join('')}`, dy as tf.Tensor, ...others);
      const { shape } = operands[i]!;
      const kept = own.map((label, axis) => (known.includes(label) ? shape[axis]! : 1));
      return tf.broadcastTo(tf.reshape(reduced, kept), shape);
    };
    return Object.fromEntries(operands.map((_, i) => [i, () => gradient(i)]));
  },
});

function parse(equation: string): { labels: string[]; output: string } {
  const [left, output] = equation.split('->') as [string, string];
  const labels = left.split(',');
  if (equation.includes('.') || labels.some((list) => new Set(list).size < list.length)) {
    throw new RunError('autodiff/einsum', `einsum "${equation}" can't be differentiated`, {
      hint: 'write out "..." as labels, and take diagonals (a label twice in one operand) with other operations',
    });
  }
  return { labels, output };
}
