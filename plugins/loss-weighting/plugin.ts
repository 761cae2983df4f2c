import { definePlugin, stage } from '../../core/plugins/index.js';
import { CosineGate, CosineGateConfig } from './cosine-gate.js';
import { GradNorm, GradNormConfig } from './gradnorm.js';
import { PcGrad, PcGradConfig } from './pcgrad.js';
import { Uncertainty, UncertaintyConfig } from './uncertainty.js';

export default definePlugin({
  name: 'loss-weighting',
  apiVersion: 1,
  stages: {
    combiner: [
      stage(
        'cosine-gate',
        'the auxiliary gradient counts where it agrees (Du et al. 2018)',
        CosineGateConfig,
        CosineGate,
      ),
      stage('pcgrad', 'conflicting gradients are projected (Yu et al. 2020)', PcGradConfig, PcGrad),
      stage('uncertainty', 'loss weights from learned variances (Kendall et al. 2018)', UncertaintyConfig, Uncertainty),
      stage('gradnorm', 'loss weights that balance training rates (Chen et al. 2018)', GradNormConfig, GradNorm),
    ],
  },
});
