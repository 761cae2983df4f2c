import type { ServiceIdentifier } from 'inversify';
import type { Params } from '../autodiff/index.js';

export type Task = 'primary' | 'auxiliary';

/** Makes one update out of the tasks' gradients. */
export interface Combiner {
  /**
   * Fixed weights, where the update is a weighted sum: then one backward pass serves both tasks and the meta-gradient
   * is exact. Without it the tasks are pulled back apart and handed to `combine`.
   */
  readonly weights?: Readonly<Record<Task, number>>;
  /** @returns gradients over all parameters of both, owned by the caller; the arguments are borrowed. */
  combine(gradients: Readonly<Record<Task, Params>>): Params;
}
export const Combiner: ServiceIdentifier<Combiner> = Symbol.for('auxflow/Combiner');
