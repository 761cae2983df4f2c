import type { ServiceIdentifier } from 'inversify';
import type { Params } from '../autodiff/index.js';
import type { Snapshot } from '../checkpoint/index.js';

export type Task = 'primary' | 'auxiliary';
export type TaskParams = Readonly<Record<Task, Params>>;

/** What an update of theta1 was made of; everything is borrowed. */
export interface CombinedUpdate {
  /** Mean losses over the batch, before the update. */
  readonly losses: Readonly<Record<Task, number>>;
  /** Gradients of the unweighted losses, where the combiner learns from them. */
  readonly gradients?: TaskParams;
}

/** Makes one update out of the tasks' gradients. */
export interface Combiner {
  /**
   * The weights of the next update, where it is a weighted sum whose weights don't depend on its gradients: then one
   * backward pass serves both tasks. Without them the tasks are pulled back apart and handed to `combine`.
   */
  readonly weights?: Readonly<Record<Task, number>>;
  /** @returns gradients over all parameters of both, owned by the caller; the arguments are borrowed. */
  combine(gradients: TaskParams): Params;
  /**
   * For a combiner without weights: the transposed derivative of `combine` in the auxiliary gradient, applied to a
   * direction over all parameters. Meta-gradients need it. The arguments are borrowed, the result belongs to the caller.
   */
  adjoint?(gradients: TaskParams, direction: Params): Params;
  /** What `learn` needs; with `gradients` the tasks are always pulled back apart. */
  readonly learnsFrom?: 'losses' | 'gradients';
  /** Changes the weights of later updates; called once for each update that theta1 takes, never for a look-ahead. */
  learn?(update: CombinedUpdate): void;
  /** What must survive a restart: learned weights. The tensors are borrowed. */
  snapshot?(): Snapshot;
  restore?(snapshot: Snapshot): void;
}
export const Combiner: ServiceIdentifier<Combiner> = Symbol.for('auxflow/Combiner');
