import { ConfigError } from '../../errors/index.js';
import { tf } from '../../engine/index.js';
import type { Layer, Mode, Params, Variables } from '../layer.js';
import { borrowed } from './borrowed-model.js';
import type { Weight } from './borrowed-model.js';
import { taped } from './taped.js';
import type { Evaluated } from './taped.js';
import { refuseUnsupported } from './supported-model.js';

export interface WrapModelOptions {
  /** Parameters are named `name/LAYER/WEIGHT`; `trunk` by default. */
  readonly name?: string;
  /** Fresh variables under those names; the model's own values by default. */
  readonly init?: Layer['init'];
}

/**
 * A tfjs layers model (a converted Keras model, too) as a layer. Its trainable weights are the parameters; the others, such
 * as moving statistics and weights of frozen layers, are the state, which training moves as the model's layers do. It is a
 * pure function of the variables it is given: the model's own weights are never changed, and may be disposed after `init`.
 * @param model one input, one output; stays with the caller
 * @throws ConfigError for a layer that can't be a pure, twice differentiable function, naming it
 */
export function wrapModel(model: tf.LayersModel, { name = 'trunk', init }: WrapModelOptions = {}): Layer {
  refuseUnsupported(model);
  if (!model.built) model.build(model.inputs[0]!.shape);
  const prefixed = (weights: readonly Weight[]): [string, Weight][] =>
    weights.map((weight) => [`${name}/${weight.originalName}`, weight]);
  const trained = prefixed(model.trainableWeights);
  const tracked = prefixed(model.nonTrainableWeights);
  const names = [...trained, ...tracked].map(([key]) => key);
  const twice = names.find((key, i) => names.indexOf(key) !== i);
  if (twice !== undefined) {
    throw ConfigError.of(
      'layers-model/duplicate-weight',
      ['model'],
      `two weights of the model are called ${twice}`,
      'give its layers names of their own',
    );
  }

  const evaluate = ({ params, state }: Variables, x: tf.Tensor, mode: Mode): Evaluated => {
    const values = new Map([...trained, ...tracked].map(([key, weight]) => [weight, params[key] ?? state[key]!]));
    const { output, written } = borrowed(model, values, x, mode);
    const moved = tracked.filter(([, weight]) => written.has(weight));
    return { output, stateUpdate: Object.fromEntries(moved.map(([key, weight]) => [key, written.get(weight)!])) };
  };

  const ownValues = (): Variables => {
    const clones = (weights: [string, Weight][]): Params =>
      Object.fromEntries(weights.map(([key, weight]) => [key, weight.read().clone()]));
    return { params: clones(trained), state: clones(tracked) };
  };

  const paramNames = trained.map(([key]) => key);
  return {
    name,
    retains: { input: true, output: false },
    outputShape: (input) => (model.computeOutputShape([null, ...input]) as number[]).slice(1),
    describe: () => ({
      model,
      weights: Object.fromEntries([...trained, ...tracked].map(([key, weight]) => [weight.originalName, key])),
    }),
    init: init ?? ownValues,
    apply(variables, x, mode) {
      const { output, stateUpdate } = evaluate(variables, x, mode);
      tf.dispose(stateUpdate);
      return output;
    },
    linearize: (variables, x, mode) => taped((all, input) => evaluate(all, input, mode), paramNames, variables, x),
  };
}
