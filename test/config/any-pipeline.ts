import fc from 'fast-check';
import type { PipelineSpec } from '../../core/config/index.js';

const positive = fc.integer({ min: 1, max: 1000 });
const amount = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
type Keys = Record<string, fc.Arbitrary<unknown>>;
const record = (use: string, required: Keys = {}, optional: Keys = {}): fc.Arbitrary<object> =>
  fc
    .tuple(fc.record(required), fc.record(optional, { requiredKeys: [] }))
    .map(([one, two]) => ({ use, ...one, ...two }));

const psi = fc.oneof(positive, fc.array(positive, { minLength: 1, maxLength: 4 }));
const rate = fc.oneof(
  amount,
  record('constant', { initial: amount }),
  record('cosine', { initial: amount }, { final: amount }),
);
const optimizer = fc.oneof(
  record('sgd', { learningRate: rate }, { momentum: amount }),
  record('adam', {}, { learningRate: rate, betas: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), amount) }),
);
const model = fc.oneof(
  record('conv', {}, { channels: positive, norm: fc.boolean() }),
  record('dense', { widths: fc.array(positive, { minLength: 1 }) }, { activation: fc.constantFrom('relu', 'tanh') }),
);
const file = fc.stringMatching(/^[a-z0-9 ._:#'"-]{1,12}$/);
const dataset = fc.oneof(
  record('digits', {}, { batch: positive, train: positive, folder: file }),
  record(
    'files',
    { images: file },
    { more: fc.array(fc.record({ at: file })), source: fc.oneof(fc.constant('web'), file) },
  ),
);
const loss = fc.oneof(record('focal', {}, { gamma: amount }), record('plain', {}));

/** Valid pipelines of the fake plugins. */
export const anyPipeline = fc.record(
  {
    name: fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,10}$/),
    seed: fc.integer({ min: 0, max: 0xffffffff }),
    epochs: positive,
    gradientCosine: fc.nat(),
    runs: file,
    dataset,
    model,
    optimizer,
    loss,
    auxiliaryLoss: loss,
    auxiliary: fc.oneof(
      record('single', {}),
      record('random', { psi }),
      record('learned', { psi }, { entropyWeight: amount, model }),
    ),
    metaStep: fc.oneof(
      record('none', {}),
      record('gradient', { optimizer }, { method: fc.constantFrom('exact', 'double') }),
    ),
    combiner: record('sum', {}, { weight: amount }),
    observers: fc.array(record('csv', { file }, { every: positive }), { maxLength: 3 }),
  },
  { requiredKeys: ['dataset', 'model', 'optimizer'] },
) as fc.Arbitrary<PipelineSpec>;
