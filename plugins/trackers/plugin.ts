import { definePlugin, stage } from '../../core/plugins/index.js';
import { Mlflow, MlflowConfig } from './mlflow.js';
import { TensorBoard, TensorBoardConfig } from './tensorboard.js';

export default definePlugin({
  name: 'trackers',
  apiVersion: 1,
  stages: {
    observer: [
      stage('tensorboard', 'event files for TensorBoard', TensorBoardConfig, TensorBoard),
      stage('mlflow', 'parameters, metrics and artifacts on an MLflow server', MlflowConfig, Mlflow),
    ],
  },
});
