import assert from 'node:assert/strict';
import { loadPipeline } from '../config/index.js';
import type { PipelineSpec, ResolvedPipeline, StageSpec } from '../config/index.js';
import { tf } from '../engine/index.js';
import { compose } from '../pipeline/index.js';
import type { Composition } from '../pipeline/index.js';
import type { Plugin, StageKind } from '../plugins/index.js';
import type { Batch } from '../stages/index.js';
import { batchOf } from '../training/index.js';
import { type Probe, surroundings } from './surroundings.js';

/** A stage to check, and what it needs around it. */
export interface StageCase {
  /** The plugin that brings the stage. */
  readonly plugin: Plugin;
  /** The stage as a pipeline writes it: `{ use: 'my-labels', psi: 3 }`. */
  readonly stage: StageSpec;
  /** Other keys of the pipeline around it, where it can't do with the plain ones. */
  readonly pipeline?: PipelineSpec;
  /** Plugins that it requires, beside the built-in ones. */
  readonly plugins?: readonly Plugin[];
  /** Whether whole runs are checked too, which takes a few seconds; true by default. */
  readonly runs?: boolean;
  /** Values of its keys that must be refused with a ConfigError, each on its own. */
  readonly refuses?: readonly Readonly<Record<string, unknown>>[];
}

/** The plugins and the pipeline that every stage is checked in, unless its case says otherwise. */
export interface Surroundings {
  readonly plugins: readonly Plugin[];
  readonly pipeline: PipelineSpec;
}

/** A composed pipeline with the stage in it, and the stages that the composition doesn't show. */
export type Built = Composition & Pick<Probe, 'model' | 'loss'>;

/** Loads and builds one stage's pipeline, as often as its checks want it. */
export class Bench {
  readonly plugins: readonly Plugin[];
  /** What an observer was waited for in vain; it isn't asked again, since every check would wait as long. */
  late: string | undefined;

  constructor(
    readonly kind: StageKind,
    readonly given: StageCase,
    private readonly around: Surroundings,
  ) {
    this.plugins = [...new Set([...around.plugins, surroundings, ...(given.plugins ?? []), given.plugin])];
  }

  /**
   * @param keys changes of the stage's own keys
   * @param changes changes of the pipeline's
   */
  load(keys: object = {}, changes: PipelineSpec = {}): Promise<ResolvedPipeline> {
    const { kind, given, around } = this;
    const stage: StageSpec = { ...given.stage, ...keys };
    const spec = { ...around.pipeline, ...given.pipeline, ...changes };
    const placed: PipelineSpec =
      kind === 'observer'
        ? { observers: [stage, ...(spec.observers ?? [])] }
        : kind === 'schedule'
          ? { optimizer: { ...spec.optimizer!, learningRate: stage } }
          : { [kind]: stage };
    return loadPipeline({ ...spec, ...placed }, { plugins: this.plugins });
  }

  /** Builds the pipeline for `work` and frees it. @throws AssertionError where tensors are left behind */
  async with<T>(work: (built: Built) => T | Promise<T>, keys: object = {}): Promise<T> {
    const before = tf.memory().numTensors;
    const result = await this.compose(await this.load(keys, { observers: [{ use: 'testing-probe' }] }), work);
    assert.equal(tf.memory().numTensors - before, 0, 'tensors were left behind');
    return result;
  }

  private async compose<T>(pipeline: ResolvedPipeline, work: (built: Built) => T | Promise<T>): Promise<T> {
    using composition = await compose(pipeline);
    const { model, loss } = composition.observers.at(-1) as unknown as Probe;
    return await work(Object.assign(composition, { model, loss }));
  }
}

/** The first `size` training samples, in turn; owned by the caller. */
export const firstBatch = ({ dataset }: Built, size = dataset.batch): Batch =>
  batchOf(
    dataset,
    dataset.train,
    Int32Array.from({ length: Math.min(size, dataset.train.size) }, (_, n) => n),
  );
