import { definePlugin, stage } from '../../core/plugins/index.js';
import { AutoencoderKMeans, AutoencoderKMeansConfig } from './autoencoder-kmeans.js';

export default definePlugin({
  name: 'autoencoder-kmeans',
  apiVersion: 1,
  requires: ['basics'],
  stages: {
    auxiliary: [
      stage(
        'autoencoder-kmeans',
        "clusters of an autoencoder's latent vectors",
        AutoencoderKMeansConfig,
        AutoencoderKMeans,
      ),
    ],
  },
});
