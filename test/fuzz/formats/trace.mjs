import fc from 'fast-check';
import { evilNames, mutated, often } from '../mutate.mjs';

/**
 * @param {readonly number[]} shape
 * @param {string} [dtype]
 */
const tensor = (shape, dtype = 'float32') => {
  const size = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({ length: size }, (_, i) => 0.1 + (i % 7) / 10);
  const bytes = dtype === 'float32' ? values.buffer : new Int32Array(size).buffer;
  return { shape, dtype, base64: Buffer.from(bytes).toString('base64') };
};

/**
 * Parameters of a network whose layers are one channel wide.
 *
 * @param {Readonly<Record<string, number>>} heads outputs by the head's name
 */
function params(heads) {
  const convolutions = [2, 2, 3, 3, 3].flatMap((depth, block) =>
    Array.from({ length: depth }, (_, i) => `block${block + 1}.${3 * i}`),
  );
  const entries = convolutions.flatMap((name, i) => [
    [`${name}.weight`, tensor([3, 3, i === 0 ? 3 : 1, 1])],
    [`${name}.bias`, tensor([1])],
    ...['weight', 'bias'].map((key) => [
      `${name.replace(/\d+$/, (index) => String(Number(index) + 1))}.${key}`,
      tensor([1]),
    ]),
  ]);
  const outputs = Object.entries(heads).flatMap(([name, size]) => [
    [`${name}.0.weight`, tensor([1, 1])],
    [`${name}.0.bias`, tensor([1])],
    [`${name}.2.weight`, tensor([1, size])],
    [`${name}.2.bias`, tensor([size])],
  ]);
  return Object.fromEntries([...entries, ...outputs]);
}

const multiTask = params({ classifier1: 2, classifier2: 3 });
const labelGenerator = params({ classifier: 3 });
const valid = JSON.stringify({
  config: {
    filters: [1, 1, 1, 1, 1],
    psi: [1, 2],
    batch: 2,
    focalGamma: 2,
    entropyWeight: 0.2,
    innerLearningRate: 0.005,
    mainOptimizer: { sgd: 0.01 },
    labelOptimizer: { sgd: 0.001, weightDecay: 0.0005 },
  },
  inputs: [tensor([2, 32, 32, 3])],
  primaryLabels: [tensor([2], 'int32')],
  initial: { multiTask, labelGenerator },
  afterTrain: { multiTask },
  afterMeta: { labelGenerator },
  trace: {
    train: [
      {
        primaryLoss: 1,
        auxiliaryLoss: 1,
        gradientCosineShared: 0,
        gradientCosineReferenceRowwise: 0,
        auxiliaryLabels: tensor([2, 3]),
        primaryProbabilities: tensor([2, 2]),
        auxiliaryProbabilities: tensor([2, 3]),
      },
    ],
    meta: [
      {
        primaryLossBefore: 1,
        primaryLossAfterInnerStep: 1,
        entropyTerm: 0,
        metaGradientNorm: 0,
        metaGradient: labelGenerator,
        totalGradient: labelGenerator,
      },
    ],
  },
});

const value = fc.oneof(
  { arbitrary: fc.constantFrom(0, 1, 2, 3, -1, 0.5, 1e9, 2 ** 31, 1e308, null, '', 'AAAA', true), weight: 4 },
  { arbitrary: evilNames, weight: 1 },
  { arbitrary: fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text)), weight: 1 },
  { arbitrary: fc.array(fc.constantFrom(0, 1, 2, 2 ** 31), { maxLength: 8 }), weight: 2 },
  {
    arbitrary: fc
      .tuple(fc.array(fc.nat(3), { maxLength: 4 }), fc.constantFrom('float32', 'int32'))
      .map(([shape, dtype]) => tensor(shape, dtype)),
    weight: 2,
  },
  { arbitrary: often.map((times) => 'AAAA'.repeat(times * 20)), weight: 1 },
  { arbitrary: often.map((times) => Array(times).fill(1)), weight: 1 },
);
/** What happens to one key on a random way down: another value, another name, gone. */
const edit = fc.tuple(
  fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
  fc.oneof(value, fc.constant(undefined)),
  fc.option(evilNames),
);

/** @param {[number[], unknown, string | null][]} edits */
function edited(edits) {
  const trace = JSON.parse(valid);
  for (const [steps, replacement, name] of edits) {
    let at = trace;
    let key = '';
    for (const step of steps) {
      if (typeof at[key] === 'object' && at[key] !== null) at = at[key];
      const keys = Object.keys(at);
      if (keys.length === 0) break;
      key = keys[step % keys.length] ?? '';
    }
    at[key] = replacement;
    if (name !== null)
      Object.defineProperty(at, name, { value: 1, enumerable: true, configurable: true, writable: true });
  }
  return Buffer.from(JSON.stringify(trace));
}

/** @type {import('./index.mjs').Format} */
export const traceFormat = {
  name: 'trace',
  inputs: fc.record({
    files: fc.record({
      file: fc.oneof(
        { arbitrary: fc.array(edit, { maxLength: 3 }).map(edited), weight: 8 },
        { arbitrary: mutated(fc.constant(Buffer.from(valid))), weight: 2 },
        {
          arbitrary: fc
            .tuple(fc.constantFrom('[', '{"config":', '{"trace":{"train":['), often)
            .map(([piece, times]) => Buffer.from(piece.repeat(times))),
          weight: 1,
        },
      ),
    }),
    options: fc.record({ replay: fc.nat(49).map((chance) => chance === 0) }),
  }),
  async read({ readTrace, replay, builtIn, defaults, tf }, folder, { options }) {
    const before = tf.memory().numTensors;
    const trace = await readTrace(`${folder}/file`);
    if (options.replay) await replay(trace, builtIn, defaults);
    if (tf.memory().numTensors !== before) throw new Error('tensors leak');
  },
};
