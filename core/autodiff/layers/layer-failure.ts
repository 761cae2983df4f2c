import { AuxflowError, RunError } from '../../errors/index.js';
import type { Params } from '../layer.js';

/** Where in a network something is being computed, for the message should it fail. */
export interface Place {
  /** Such as `trunk/block3/1/conv`, or `the layer after trunk/block3/1/norm`. */
  readonly layer: string;
  /** What is computed: `forward`, `pullback` or `pushforward`. */
  readonly map: string;
  readonly input: readonly number[];
  /** The layer's own parameters. */
  readonly params: Params;
}

/**
 * Runs `compute`, and names the layer and its shapes should it fail.
 * @throws RunError with the engine's error as its cause; errors raised on purpose pass unchanged
 */
export function atLayer<T>(place: () => Place, compute: () => T): T {
  try {
    return compute();
  } catch (cause) {
    if (cause instanceof AuxflowError) throw cause;
    const { layer, map, input, params } = place();
    const { message = String(cause) } = cause as Partial<Error>;
    const shapes = [
      `input ${bracketed(input)}`,
      ...Object.entries(params).map(
        ([name, { shape }]) => `${name.slice(name.lastIndexOf('/') + 1)} ${bracketed(shape)}`,
      ),
    ];
    throw new RunError('layer/failed', `layer ${layer} (${map}): ${shapes.join(', ')}: ${message}`, {
      stage: 'model',
      cause,
      ...(/OOM|exhausted|memory|alloc/i.test(message)
        ? { hint: 'choose a smaller batch or a narrower model, or recompute: true where the model offers it' }
        : {}),
    });
  }
}

const bracketed = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
