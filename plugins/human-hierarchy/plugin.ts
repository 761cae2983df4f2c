import { definePlugin, stage } from '../../core/plugins/index.js';
import { HumanHierarchy, HumanHierarchyConfig } from './human-hierarchy.js';

export default definePlugin({
  name: 'human-hierarchy',
  apiVersion: 1,
  stages: {
    auxiliary: [
      stage('human-hierarchy', "another level of the dataset's labels", HumanHierarchyConfig, HumanHierarchy),
    ],
  },
});
