import { definePlugin, stage } from '../../core/plugins/index.js';
import { DeepCluster, DeepClusterConfig } from './deep-cluster.js';

export default definePlugin({
  name: 'deep-cluster',
  apiVersion: 1,
  requires: ['autoencoder-kmeans'],
  stages: {
    auxiliary: [
      stage('deep-cluster', "clusters of the main network's own features, found anew", DeepClusterConfig, DeepCluster),
    ],
  },
});
