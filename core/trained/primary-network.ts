import { selectParams } from '../autodiff/index.js';
import type { Layer, Params, Variables } from '../autodiff/index.js';
import { heads } from '../training/index.js';
import type { TrainedRun } from './open-run.js';

/** The main network without its auxiliary head. */
export interface PrimaryNetwork {
  /** From inputs to the primary task's logits. */
  readonly layer: Layer;
  /** The part of theta1 that it reads, owned by the run. */
  readonly variables: Variables;
}

export function primaryNetwork({ composition, theta1 }: TrainedRun): PrimaryNetwork {
  const { network } = composition;
  const part = (params: Params): Params => ({
    ...selectParams(params, 'trunk/'),
    ...selectParams(params, `${heads.primary}/`),
  });
  return {
    layer: network.through(heads.primary),
    variables: { params: part(theta1.params), state: part(theta1.state) },
  };
}
