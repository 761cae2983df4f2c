import { definePlugin, stage } from '../../core/plugins/index.js';
import { Maxl, MaxlConfig } from './maxl.js';

export default definePlugin({
  name: 'maxl',
  apiVersion: 1,
  requires: ['meta-gradient'],
  stages: {
    auxiliary: [stage('maxl', 'a label network trained by a meta-gradient (Liu et al. 2019)', MaxlConfig, Maxl)],
  },
});
