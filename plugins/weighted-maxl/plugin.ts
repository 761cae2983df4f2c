import { definePlugin, stage } from '../../core/plugins/index.js';
import { WeightedMaxl, WeightedMaxlConfig } from './weighted-maxl.js';

export default definePlugin({
  name: 'weighted-maxl',
  apiVersion: 1,
  requires: ['maxl', 'meta-gradient'],
  stages: {
    auxiliary: [
      stage('weighted-maxl', 'MAXL that also learns a weight for each sample', WeightedMaxlConfig, WeightedMaxl),
    ],
  },
});
