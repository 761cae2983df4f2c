import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

/** Where the set-up puts what Node loads: TensorFlow's addon and auxflow's own kernels. */
export const addonFolder = join(dirname(resolve('@tensorflow/tfjs-node/package.json')), 'lib', 'napi-v8');
