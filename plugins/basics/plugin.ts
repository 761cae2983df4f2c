import { definePlugin, stage } from '../../core/plugins/index.js';
import { Adam, AdamConfig } from './adam.js';
import { AdamW, AdamWConfig } from './adamw.js';
import { CrossEntropy, CrossEntropyConfig } from './cross-entropy.js';
import { Focal, FocalConfig } from './focal.js';
import { MeanSquaredError, MeanSquaredErrorConfig } from './mean-squared-error.js';
import { NoMetaStep, NoMetaStepConfig } from './no-meta-step.js';
import { Constant, ConstantConfig, Cosine, CosineConfig, StepConfig, StepDecay } from './schedules.js';
import { Sgd, SgdConfig } from './sgd.js';
import { Sum, SumConfig } from './sum.js';

export default definePlugin({
  name: 'basics',
  apiVersion: 1,
  stages: {
    loss: [
      stage('focal', 'focal loss on soft or hard targets', FocalConfig, Focal),
      stage('cross-entropy', 'cross-entropy on soft or hard targets', CrossEntropyConfig, CrossEntropy),
      stage('mean-squared-error', 'mean squared error of a regression', MeanSquaredErrorConfig, MeanSquaredError),
    ],
    optimizer: [
      stage('sgd', 'gradient descent with momentum, dampening, Nesterov and L2 weight decay', SgdConfig, Sgd),
      stage('adam', 'Adam with L2 weight decay', AdamConfig, Adam),
      stage('adamw', 'Adam with decoupled weight decay', AdamWConfig, AdamW),
    ],
    schedule: [
      stage('constant', 'the same value throughout', ConstantConfig, Constant),
      stage('step', 'drops by a factor every so many epochs', StepConfig, StepDecay),
      stage('cosine', 'half a cosine from an initial to a final value', CosineConfig, Cosine),
    ],
    metaStep: [stage('none', 'an epoch is one training pass', NoMetaStepConfig, NoMetaStep)],
    combiner: [stage('sum', 'weighted sum of the gradients of the tasks', SumConfig, Sum)],
  },
});
