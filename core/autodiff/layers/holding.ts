import type { Params, Variables } from '../layer.js';
import { disposeParams } from '../params.js';

/** Variables whose running statistics outlive the commit of an update; borrows everything else. */
export interface HeldVariables extends Variables, Disposable {}

/** Keeps what `stateUpdate` is going to replace, for a linearisation that reads it again after the commit. */
export function holding({ params, state }: Variables, stateUpdate: Params): HeldVariables {
  const held = Object.fromEntries(Object.keys(stateUpdate).map((name) => [name, state[name]!.clone()]));
  return { params, state: { ...state, ...held }, [Symbol.dispose]: () => disposeParams(held) };
}
