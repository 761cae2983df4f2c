import type { Newable } from 'inversify';
import type { z } from 'zod';
import type {
  AuxiliaryLabels,
  Combiner,
  DatasetSource,
  Loss,
  MetaStep,
  Model,
  Observer,
  Optimizer,
  Schedule,
} from '../stages/index.js';
import type { DataSources } from './data-source.js';

/** Every kind of stage and the contract its implementations keep. */
export interface StageContracts {
  dataset: DatasetSource;
  model: Model;
  loss: Loss;
  optimizer: Optimizer;
  auxiliary: AuxiliaryLabels;
  metaStep: MetaStep;
  combiner: Combiner;
  schedule: Schedule;
  observer: Observer;
}
export type StageKind = keyof StageContracts;

/** The API that plugins are written against; a plugin states the one it knows. */
export const API_VERSION = 1;

/** One named implementation of a stage, with the schema of its configuration. */
export interface StageDefinition<Kind extends StageKind = StageKind, Schema extends z.ZodObject = z.ZodObject> {
  /** What a pipeline writes after `use:`. */
  readonly name: string;
  /** One line for `auxflow plugins` and editors. */
  readonly description: string;
  readonly schema: Schema;
  readonly implementation: Newable<StageContracts[Kind]>;
  /** Of a dataset: what a pipeline on it has where it says nothing, by the stage's configuration. */
  readonly defaults?: (config: Readonly<Record<string, unknown>>) => StageDefaults;
}

/** Stages by the pipeline's key; a regression brings a loss of its own, and one of classes for the auxiliary task. */
export type StageDefaults = Readonly<Partial<Record<'loss' | 'auxiliaryLoss', { readonly use: string }>>>;

/**
 * Names an implementation of a stage.
 * @param schema keys of its configuration (a zod strictObject), without `use`; the class injects it as `StageConfig`.
 * @param defaults of a dataset: see {@link StageDefinition}.
 * @example stage('random-labels', 'Fixed random labels in each block', z.strictObject({ psi: Psi }), RandomLabels)
 */
export const stage = <
  Contract extends StageContracts[StageKind],
  Schema extends z.ZodObject,
  const Name extends string,
>(
  name: Name,
  description: string,
  schema: Schema,
  implementation: Newable<Contract>,
  defaults?: StageDefinition['defaults'],
) => ({ name, description, schema, implementation, ...(defaults && { defaults }) });

/** A typed value that brings stages under names. Loading it turns it into an InversifyJS container module. */
export interface Plugin {
  readonly name: string;
  readonly version?: string;
  readonly apiVersion: number;
  /** Names of plugins that must be there too. */
  readonly requires?: readonly string[];
  /** Where the files of its datasets come from, by dataset name; `auxflow data fetch` downloads them. */
  readonly data?: DataSources;
  readonly stages: { readonly [Kind in StageKind]?: readonly StageDefinition<Kind>[] };
}

/** Checks a plugin's type and keeps its literal types, so that pipelines in TypeScript know its names and keys. */
export const definePlugin = <const P extends Plugin>(plugin: P): P => plugin;
