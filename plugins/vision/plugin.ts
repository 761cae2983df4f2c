import { definePlugin, stage } from '../../core/plugins/index.js';
import { Conv4, Conv4Config } from './conv4.js';
import { LayersModel, LayersModelConfig } from './layers-model/layers-model.js';
import { Mlp, MlpConfig } from './mlp.js';
import { Resnet32, Resnet32Config } from './resnet32.js';
import { Vgg16, Vgg16Config } from './vgg16.js';

export default definePlugin({
  name: 'vision',
  apiVersion: 1,
  stages: {
    model: [
      stage('conv4', 'small CNN with batch norm for small images', Conv4Config, Conv4),
      stage('vgg16', 'VGG-16 with batch norm for 32x32 images', Vgg16Config, Vgg16),
      stage('resnet32', 'residual network for small images', Resnet32Config, Resnet32),
      stage('mlp', 'multilayer perceptron on flat inputs', MlpConfig, Mlp),
      stage('layers-model', 'tfjs or converted Keras model from model.json', LayersModelConfig, LayersModel),
    ],
  },
});
