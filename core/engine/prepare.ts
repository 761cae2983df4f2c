import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import { addonFolder } from './addon-folder.js';
import { EngineError } from './engine-error.js';

// Evaluated before tfjs-node (see tf.ts), which fails with riddles where these don't hold.

// TensorFlow's C++ side prints errors only.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
// TensorFlow by itself runs oneDNN's kernels, the fast ones, only on processors with AVX-512.
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';

const require = createRequire(import.meta.url);
const addon = join(addonFolder, 'tfjs_binding.node');
if (!existsSync(addon)) throw new EngineError('The TensorFlow engine is not installed.');
try {
  require(addon);
} catch (cause) {
  const message = `The TensorFlow engine cannot be loaded: ${(cause as Error).message}`;
  throw new EngineError(message, { remedy: `Remove ${dirname(addonFolder)} and run`, cause });
}

// tfjs-node still calls two functions that Node 22 deprecated and Node 23 removed.
Object.assign(util, { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray });
