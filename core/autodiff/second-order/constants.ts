import { tf } from '../../engine/index.js';

/** Inputs in which an operation is constant almost everywhere, where tfjs has no gradient, an integer or a wrong one. */
const constantIn: Readonly<Record<string, readonly string[]>> = {
  Equal: ['a', 'b'],
  FloorDiv: ['a', 'b'],
  GatherV2: ['indices'],
  Greater: ['a', 'b'],
  GreaterEqual: ['a', 'b'],
  IsFinite: ['x'],
  IsInf: ['x'],
  IsNan: ['x'],
  Less: ['a', 'b'],
  LessEqual: ['a', 'b'],
  LogicalAnd: ['a', 'b'],
  LogicalNot: ['x'],
  LogicalOr: ['a', 'b'],
  NotEqual: ['a', 'b'],
  OneHot: ['indices'],
  UnsortedSegmentSum: ['segmentIds'],
};

for (const [kernelName, names] of Object.entries(constantIn)) {
  const stock = tf.getGradient(kernelName) as tf.GradConfig | undefined;
  const kept = stock?.inputsToSave ?? [];
  const added = names.filter((name) => !kept.includes(name));
  const saved = [...kept, ...added];
  tf.registerGradient({
    kernelName,
    inputsToSave: saved,
    gradFunc: (dy, tensors, attributes) => ({
      ...stock?.gradFunc(dy, tensors, attributes),
      ...Object.fromEntries(names.map((name) => [name, () => tf.zeros(tensors[saved.indexOf(name)]!.shape)])),
    }),
  });
}

const castGradient = tf.getGradient('Cast');

/** Rounding to integers or booleans is constant almost everywhere. */
tf.registerGradient({
  kernelName: 'Cast',
  gradFunc: (dy, saved, attributes) =>
    ['bool', 'int32'].includes(attributes['dtype'] as string)
      ? { x: () => tf.zeros((dy as tf.Tensor).shape) }
      : castGradient.gradFunc(dy, saved, attributes),
});
