import { API_VERSION, definePlugin, stage } from '../../core/plugins/index.js';
import { Idx, IdxConfig } from './idx.js';
import { Mnist, MnistConfig } from './mnist.js';

/** Data sets: MNIST, and any other in IDX files. */
export default definePlugin({
  name: 'datasets',
  apiVersion: API_VERSION,
  stages: {
    dataset: [
      stage('mnist', 'Handwritten digits; levels parity and digit', MnistConfig, Mnist),
      stage('idx', 'Any four IDX files, gzipped or not', IdxConfig, Idx),
    ],
  },
});
