const strategies = {
  'single-task': { use: 'single-task' },
  'human-hierarchy': { use: 'human-hierarchy' },
  'random-labels': { use: 'random-labels', psi: 5 },
  'uniform-labels': { use: 'uniform-labels', psi: 5 },
  'autoencoder-kmeans': { use: 'autoencoder-kmeans', psi: 2, epochs: 1, channels: 2, latent: 4 },
  maxl: { use: 'maxl', psi: 5 },
};
const optimizers = {
  momentum: { use: 'sgd', learningRate: { use: 'cosine', initial: 0.05 }, momentum: 0.9 },
  adam: { use: 'adam', learningRate: { use: 'step', initial: 0.01, every: 1, factor: 0.5 } },
};
const schedules = ['epoch', 'interleaved', 'streaming'];

/**
 * Every strategy with either optimizer, and with every schedule where its labels are learned; on few images, with random
 * crops and dropout, a checkpoint after every step.
 * @type {Readonly<Record<string, object>>}
 */
export const cases = Object.fromEntries(
  Object.entries(strategies).flatMap(([strategy, auxiliary]) =>
    Object.entries(optimizers).flatMap(([name, optimizer]) =>
      (strategy === 'maxl' ? schedules : [undefined]).map((schedule) => [
        [strategy, name, ...(schedule ? [schedule] : [])].join(', '),
        {
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
          metaStep: schedule
            ? { use: 'meta-gradient', schedule, optimizer: { use: 'adam', learningRate: 0.01 } }
            : { use: 'none' },
          evaluation: { select: 'validation', lastEpochs: 1 },
          checkpoints: { everySteps: 1, keep: 2 },
          epochs: 4,
        },
      ]),
    ),
  ),
);
