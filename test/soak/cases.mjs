const strategies = {
  'single-task': { use: 'single-task' },
  'human-hierarchy': { use: 'human-hierarchy' },
  'random-labels': { use: 'random-labels', psi: 5 },
  'uniform-labels': { use: 'uniform-labels', psi: 5 },
  'autoencoder-kmeans': { use: 'autoencoder-kmeans', psi: 2, epochs: 1, channels: 2, latent: 4 },
  rotation: { use: 'rotation' },
  'deep-cluster': { use: 'deep-cluster', psi: 2, every: 2 },
  maxl: { use: 'maxl', psi: 5 },
  'weighted-maxl': { use: 'weighted-maxl', psi: 5 },
};
const learned = ['maxl', 'weighted-maxl'];
/** Combiners that learn. */
const combiners = { sum: { use: 'sum' }, uncertainty: { use: 'uncertainty' }, gradnorm: { use: 'gradnorm' } };
const optimizers = {
  momentum: { use: 'sgd', learningRate: { use: 'cosine', initial: 0.05 }, momentum: 0.9 },
  adam: { use: 'adam', learningRate: { use: 'step', initial: 0.01, every: 1, factor: 0.5 } },
};
const schedules = ['epoch', 'interleaved', 'streaming'];

/**
 * A pipeline on few images, with random crops and dropout, and a checkpoint after every step.
 * @param {object} auxiliary
 * @param {object} optimizer
 * @param {string | undefined} schedule
 * @param {object} combiner
 */
const pipeline = (auxiliary, optimizer, schedule, combiner) => ({
  name: 'soak',
  dataset: {
    use: 'mnist',
    primary: 'parity',
    fine: 'digit',
    train: 60,
    validation: 20,
    batch: 20,
    augment: { crop: 2 },
  },
  model: { use: 'mlp', hidden: [16], batchNorm: true, dropout: 0.3 },
  loss: { use: 'focal' },
  optimizer,
  auxiliary,
  combiner,
  metaStep: schedule
    ? { use: 'meta-gradient', schedule, optimizer: { use: 'adam', learningRate: 0.01 } }
    : { use: 'none' },
  evaluation: { select: 'validation', lastEpochs: 1 },
  checkpoints: { everySteps: 1, keep: 2 },
  epochs: 4,
});

/** @type {[string, object][]} */
const all = [];
for (const [strategy, auxiliary] of Object.entries(strategies)) {
  const fits = strategy === 'maxl' ? Object.entries(combiners) : [/** @type {const} */ (['sum', combiners.sum])];
  for (const [rule, optimizer] of Object.entries(optimizers)) {
    for (const schedule of learned.includes(strategy) ? schedules : [undefined]) {
      for (const [combiner, stage] of fits) {
        const name = [strategy, rule, ...(schedule ? [schedule] : []), ...(combiner === 'sum' ? [] : [combiner])];
        all.push([name.join(', '), pipeline(auxiliary, optimizer, schedule, stage)]);
      }
    }
  }
}

/**
 * Every strategy with either optimizer, and with every schedule where its labels are learned; maxl with combiners that learn.
 * @type {Readonly<Record<string, object>>}
 */
export const cases = Object.fromEntries(all);
