import { availableParallelism } from 'node:os';
import { nativeBackend } from './native-op.js';
import { tf } from './tf.js';

/** What a run computes with; goes into `doctor` and every run's summary. */
export interface EngineInfo {
  readonly node: string;
  readonly platform: string;
  readonly tfjs: string;
  readonly tensorflow: string;
  readonly backend: string;
  /** Threads that one operation may use. */
  readonly threads: number;
}

export const engineInfo = (): EngineInfo => ({
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  tfjs: tf.version['tfjs-node'],
  tensorflow: nativeBackend().binding.TF_Version,
  backend: tf.getBackend(),
  threads: Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism(),
});
