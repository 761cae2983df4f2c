import { definePlugin, stage } from '../../core/plugins/index.js';
import { Rotation, RotationConfig } from './rotation.js';

export default definePlugin({
  name: 'rotation',
  apiVersion: 1,
  stages: {
    auxiliary: [stage('rotation', 'by which quarter turn an image was rotated', RotationConfig, Rotation)],
  },
});
