import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { addonFolder } from './addon-folder.js';
import { EngineError } from './engine-error.js';
import { processor } from './processor.js';
import { threads } from './threads.js';

/** Which of auxflow's own kernels (core/engine/kernels) run: by the vector instructions that they are compiled for, or none. */
export type OwnKernels = 'avx512' | 'avx2' | 'none';

/** With the instructions that a processor needs for them; widest first. */
const variants: readonly { readonly name: OwnKernels; readonly needs: readonly string[] }[] = [
  { name: 'avx512', needs: ['avx512f', 'fma'] },
  { name: 'avx2', needs: ['avx2', 'fma'] },
];

/** The fastest of those that are there and that a processor with these vector instructions can run. */
export const fastestKernels = (vectors: readonly string[], isThere: (name: OwnKernels) => boolean): OwnKernels =>
  variants.find(({ name, needs }) => needs.every((flag) => vectors.includes(flag)) && isThere(name))?.name ?? 'none';

const require = createRequire(import.meta.url);

function load(): OwnKernels {
  if (/^(0|false|off|no|none)$/i.test(process.env.AUXFLOW_KERNELS ?? '')) return 'none';
  const file = (name: OwnKernels) => join(addonFolder, `auxflow-${name}.node`);
  const name = fastestKernels(processor().vectors ?? [], (one) => existsSync(file(one)));
  if (name === 'none') return name;
  try {
    const { start } = require(file(name)) as { start(threads: number): void };
    start(threads());
  } catch (cause) {
    const message = `auxflow's own kernels cannot be loaded: ${(cause as Error).message}`;
    throw new EngineError(message, { remedy: `Remove ${addonFolder} and run`, cause });
  }
  return name;
}

/**
 * Those of this process. The set-up compiles them on Linux x64; elsewhere, and with AUXFLOW_KERNELS=0 in the environment,
 * TensorFlow's do all work. Their operations, AuxflowConvolve and AuxflowKernelGradient, run through `nativeOp`.
 */
export const ownKernels: OwnKernels = load();
