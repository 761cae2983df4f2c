import { ConfigError } from '../../errors/index.js';
import type { tf } from '../../engine/index.js';
import { layersOf } from './borrowed-model.js';

/** Layers that draw random numbers at every call, so that no two linearisations agree. */
const random = /^(GaussianNoise|GaussianDropout|AlphaDropout|Random.+)$/;

/** What recurrent layers have, in themselves or in their cell. */
interface Recurrent {
  readonly name: string;
  readonly stateful: boolean;
  readonly dropout?: number;
  readonly recurrentDropout?: number;
  readonly cell?: object;
}

/** @throws ConfigError where a model isn't a pure function of one input, naming the layer at fault. */
export function refuseUnsupported(model: tf.LayersModel): void {
  for (const [kind, all] of [
    ['inputs', model.inputs],
    ['outputs', model.outputs],
  ] as const) {
    if (all.length === 1) continue;
    throw unsupported(
      `the model has ${all.length} ${kind} (${all.map(({ name }) => name).join(', ')}), a trunk has one`,
    );
  }
  for (const layer of layersOf(model)) {
    const { name, stateful, cell = layer } = layer as unknown as Recurrent;
    const { dropout = 0, recurrentDropout = 0 } = cell as Recurrent;
    const type = layer.getClassName();
    if (random.test(type)) throw unsupported(`layer ${name} (${type}) draws random numbers that no seed fixes`);
    if (dropout > 0 || recurrentDropout > 0) {
      throw unsupported(`layer ${name} (${type}) has a dropout of its own, whose mask no seed fixes`);
    }
    if (stateful) {
      throw unsupported(`layer ${name} (${type}) is stateful: its output depends on the batches before`);
    }
  }
}

const unsupported = (message: string): ConfigError =>
  ConfigError.of(
    'layers-model/unsupported',
    ['model'],
    message,
    'save the model without it, or up to the layer before',
  );
