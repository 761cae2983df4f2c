import assert from 'node:assert/strict';
import { disposeVariables, evaluating, training } from '../../autodiff/index.js';
import type { Layer, Mode, Shape, Variables } from '../../autodiff/index.js';
import { Generator, tf } from '../../engine/index.js';
import type { Bench, Built } from '../bench.js';
import { allFinite, noise, numbersOf, same } from '../comparisons.js';
import { layerErrors, type LayerErrors } from '../layer-errors.js';
import { moved } from '../moved.js';
import type { Check } from '../suite.js';

const outputs = 3;

/**
 * Largest relative errors in float32. The kinks of a whole network spoil differences: a right one may be off by 0.2, where a
 * wrong sign makes 2 and a missing gradient 1.
 */
const tolerances: LayerErrors = {
  output: 1e-4,
  pullback: 2e-3,
  pushforward: 2e-3,
  adjoint: 2e-3,
  differences: 0.5,
  parts: 2e-3,
  released: 1e-4,
  misfits: 0,
  leaked: 0,
};

/** What the contract of a model asks beyond its configuration and whole runs. */
export const modelChecks = (bench: Bench): Check[] => [
  {
    name: 'names its variables after the trunk and each head',
    run: () =>
      bench.with((built) => {
        const prefixes = { trunk: 'trunk/', head: 'label/' };
        for (const [part, { layer, input }] of Object.entries(parts(built, 'label'))) {
          const prefix = prefixes[part as keyof typeof prefixes];
          withVariables(layer, input, ({ params, state }) => {
            for (const [name, tensor] of Object.entries({ ...params, ...state })) {
              assert.ok(name.startsWith(prefix), `"${name}" of the ${part} doesn't begin with "${prefix}"`);
              assert.equal(tensor.dtype, 'float32', `dtype of ${name}`);
              assert.ok(allFinite(tensor), `${name} isn't finite`);
            }
          });
        }
      }),
  },
  {
    name: 'draws its weights from the generator alone',
    run: () =>
      bench.with((built) => {
        for (const { layer, input } of Object.values(parts(built))) {
          const draw = () => withVariables(layer, input, ({ params, state }) => numbersOf({ ...params, ...state }));
          same(draw(), draw(), 'the weights');
        }
      }),
  },
  ...[training(), evaluating].flatMap((mode) =>
    (['trunk', 'head'] as const).map((part) => ({
      name: `has a ${part} with the right linear maps in ${mode.training ? 'training' : 'evaluation'}`,
      run: () => bench.with((built) => linearMapsHold(parts(built)[part], mode)),
    })),
  ),
  {
    name: 'evaluates each sample by itself',
    run: () =>
      bench.with((built) => {
        const { layer, input } = parts(built).trunk;
        withVariables(layer, input, (fresh) =>
          tf.tidy(() => {
            const variables = moved(fresh, Generator.for(1, 'moved'));
            const x = noise([3, ...input], Generator.for(1, 'inputs'));
            const together = layer.apply(variables, x, evaluating).slice([1], [1]).dataSync<'float32'>();
            const alone = layer.apply(variables, x.slice([1], [1]), evaluating).dataSync<'float32'>();
            const apart = Math.max(...together.map((value, i) => Math.abs(value - alone[i]!)));
            const scale = Math.max(1, ...together.map(Math.abs));
            assert.ok(apart <= 1e-4 * scale, `the others in its batch change an output by ${apart}`);
          }),
        );
      }),
  },
];

interface Part {
  readonly layer: Layer;
  readonly input: Shape;
}

function parts(
  { model, dataset: { inputShape } }: Built,
  head = 'primary',
): { readonly trunk: Part; readonly head: Part } {
  const trunk = model.trunk(inputShape);
  const features = trunk.outputShape(inputShape);
  const layer = model.head(head, features, outputs);
  same([...layer.outputShape(features)], [outputs], 'what the head puts out');
  return { trunk: { layer: trunk, input: inputShape }, head: { layer, input: features } };
}

function withVariables<T>(layer: Layer, input: Shape, work: (variables: Variables) => T): T {
  const variables = layer.init(input, Generator.for(1, 'weights'));
  try {
    return work(variables);
  } finally {
    disposeVariables(variables);
  }
}

function linearMapsHold({ layer, input }: Part, mode: Mode): void {
  for (const [name, error] of Object.entries(layerErrors(layer, input, { batch: 4, mode }))) {
    const tolerance = tolerances[name as keyof LayerErrors];
    assert.ok(error <= tolerance, `${name}: ${error}, more than ${tolerance} (see LayerErrors)`);
  }
}
