import { definePlugin, stage } from '../../core/plugins/index.js';
import { RandomLabels, RandomLabelsConfig } from './random-labels.js';

export default definePlugin({
  name: 'random-labels',
  apiVersion: 1,
  stages: {
    auxiliary: [stage('random-labels', 'fixed random labels in each block', RandomLabelsConfig, RandomLabels)],
  },
});
