import { definePlugin, stage } from '../../core/plugins/index.js';
import { MetaGradientConfig } from './config.js';
import { MetaGradientStep } from './meta-gradient.js';

export default definePlugin({
  name: 'meta-gradient',
  apiVersion: 1,
  stages: {
    metaStep: [
      stage(
        'meta-gradient',
        "trains a strategy's weights through theta1's next step",
        MetaGradientConfig,
        MetaGradientStep,
      ),
    ],
  },
});
