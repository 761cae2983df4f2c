import { checkBuiltIn } from './built-in.js';

const refuses = [{ psi: 0 }, { psi: [1, 2] }, { psi: 'many' }];

checkBuiltIn('auxiliary', {
  'single-task': [{}],
  'human-hierarchy': [{ keys: { level: 'class' }, refuses: [{ level: 'none' }] }],
  'autoencoder-kmeans': [{ keys: { psi: 2, epochs: 1, latent: 3, channels: 2 }, refuses }],
  'random-labels': [{ keys: { psi: [2, 1, 3] }, refuses }],
  'uniform-labels': [{ keys: { psi: 2 }, refuses }],
  rotation: [{}],
  'deep-cluster': [{ keys: { psi: 2 }, refuses }],
  maxl: [{ keys: { psi: [2, 1, 3] }, refuses }],
  'weighted-maxl': [{ keys: { psi: 2 }, refuses }],
});
