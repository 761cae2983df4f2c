import { disposeParams } from '../autodiff/index.js';
import type { Params } from '../autodiff/index.js';
import { isResumable } from '../checkpoint/index.js';
import { tf } from '../engine/index.js';

/** A stage's snapshot as a checkpoint keeps it: it holds no tensors. */
export interface Saved {
  /** Puts it into another instance, whose tensors must be its own afterwards: those it is lent are freed. */
  restore(stage: object): void;
}

/** What a checkpoint would keep of `stage`, its values through JSON; `undefined` where it keeps nothing. */
export function saved(stage: object): Saved | undefined {
  if (!isResumable(stage)) return undefined;
  const { tensors, values } = stage.snapshot();
  const kept = Object.entries(tensors).map(([name, { shape, dtype }]) => ({
    name,
    shape: [...shape],
    dtype,
    data: tensors[name]!.dataSync(),
  }));
  const text = JSON.stringify(values);
  return {
    restore(other) {
      if (!isResumable(other)) return;
      const lent = Object.fromEntries(
        kept.map(({ name, data, shape, dtype }) => [name, tf.tensor(data, shape, dtype)]),
      ) as Params;
      other.restore({ tensors: lent, values: JSON.parse(text) as unknown });
      disposeParams(lent);
    },
  };
}
