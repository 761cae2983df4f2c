import { definePlugin, stage } from '../../core/plugins/index.js';
import { SingleTask, SingleTaskConfig } from './single-task.js';

export default definePlugin({
  name: 'single-task',
  apiVersion: 1,
  stages: { auxiliary: [stage('single-task', 'no auxiliary task', SingleTaskConfig, SingleTask)] },
});
