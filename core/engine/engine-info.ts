import { availableParallelism } from 'node:os';
import { nativeBackend } from './native-op.js';
import { ownKernels, type OwnKernels } from './own-kernels.js';
import { processor, type Processor } from './processor.js';
import { tf } from './tf.js';
import { threads } from './threads.js';

/** What a run computes with, and so what its last bits depend on; goes into `doctor` and every run's record. */
export interface EngineInfo {
  readonly node: string;
  readonly platform: string;
  readonly tfjs: string;
  readonly tensorflow: string;
  readonly backend: string;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** Operations that may run at once. */
  readonly parallelOperations: number;
  /** Whether oneDNN's kernels are used. */
  readonly oneDnn: boolean;
  /** auxflow's own kernels, by the vector instructions they are compiled for. */
  readonly ownKernels: OwnKernels;
  readonly processor: Processor;
}

export const engineInfo = (): EngineInfo => ({
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  tfjs: tf.version['tfjs-node'],
  tensorflow: nativeBackend().binding.TF_Version,
  backend: tf.getBackend(),
  threads: threads(),
  parallelOperations: Number(process.env.TF_NUM_INTEROP_THREADS) || availableParallelism(),
  oneDnn: !/^(0|false)$/i.test(process.env.TF_ENABLE_ONEDNN_OPTS!),
  ownKernels,
  processor: processor(),
});
