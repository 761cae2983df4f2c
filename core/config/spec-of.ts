import type { z } from 'zod';
import type { Plugin, StageKind } from '../plugins/index.js';
import type { PipelineSpec, StageKey, stageKeys } from './spec.js';

/** The stages of one kind that some plugins bring, with their literal names and schemas. */
export type StageOf<P, Kind extends StageKind> = P extends { readonly stages: infer Stages }
  ? Kind extends keyof Stages
    ? Stages[Kind] extends readonly (infer Definition)[]
      ? Definition
      : never
    : never
  : never;

/**
 * What a pipeline may write for a stage: its name after `use`, and the keys of its schema. Named keys only: the input of an
 * empty strictObject is an index signature that forbids every key, `use` too.
 */
export type InputOf<Definition> = Definition extends {
  readonly name: infer Name;
  readonly schema: infer Schema extends z.ZodObject;
}
  ? { use: Name } & { [Key in keyof z.input<Schema> as string extends Key ? never : Key]: z.input<Schema>[Key] }
  : never;

/** A pipeline whose names and keys are those of the plugins `P`, so that the compiler finds what validation would. */
export type SpecOf<P extends Plugin> = Omit<PipelineSpec, StageKey | 'observers'> & {
  [Key in StageKey]?: InputOf<StageOf<P, (typeof stageKeys)[Key]>>;
} & { observers?: readonly InputOf<StageOf<P, 'observer'>>[] };
