import { definePlugin, stage } from '../../core/plugins/index.js';
import { UniformLabels, UniformLabelsConfig } from './uniform-labels.js';

export default definePlugin({
  name: 'uniform-labels',
  apiVersion: 1,
  stages: {
    auxiliary: [stage('uniform-labels', 'every class of the block equally', UniformLabelsConfig, UniformLabels)],
  },
});
