import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineError } from './engine-error.js';
import { processor } from './processor.js';
import { threads } from './threads.js';

/** The vector instructions that auxflow's own kernels (core/engine/kernels) are compiled for, widest first. */
const variants = [
  { name: 'avx512', needs: ['avx512f'] },
  { name: 'avx2', needs: ['avx2', 'fma'] },
] as const;

/** Which of auxflow's own kernels run: by their vector instructions, or none. */
export type OwnKernels = (typeof variants)[number]['name'] | 'none';

/**
 * Those of this process. The set-up compiles them on Linux x64; elsewhere, and with AUXFLOW_KERNELS=0 in the environment,
 * TensorFlow's do all work. Their operations, AuxflowConvolve and AuxflowKernelGradient, run through `nativeOp`.
 */
export const ownKernels: OwnKernels = load();

function load(): OwnKernels {
  if (/^(0|false)$/i.test(process.env.AUXFLOW_KERNELS ?? '')) return 'none';
  const { vectors = [] } = processor();
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@tensorflow/tfjs-node/package.json')), 'lib', 'napi-v8');
  const file = (name: string) => join(folder, `auxflow-${name}.node`);
  const fit = variants.find(
    ({ name, needs }) => needs.every((flag) => vectors.includes(flag)) && existsSync(file(name)),
  );
  if (!fit) return 'none';
  try {
    const { start } = require(file(fit.name)) as { start(threads: number): void };
    start(threads());
  } catch (cause) {
    const message = `auxflow's own kernels cannot be loaded: ${(cause as Error).message}`;
    throw new EngineError(message, { remedy: `Remove ${file(fit.name)} and run`, cause });
  }
  return fit.name;
}
