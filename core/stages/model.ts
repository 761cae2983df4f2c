import type { ServiceIdentifier } from 'inversify';
import type { Layer, Shape } from '../autodiff/index.js';

/** The architecture: a shared trunk and one head per task, as layers. Main and label network are built from the same one. */
export interface Model {
  /** The layers all tasks share; parameter names begin with `trunk/`. */
  trunk(input: Shape): Layer;
  /** The layers of one task, from the trunk's output to `outputs` logits; parameter names begin with `name/`. */
  head(name: string, features: Shape, outputs: number): Layer;
}
export const Model: ServiceIdentifier<Model> = Symbol.for('auxflow/Model');
