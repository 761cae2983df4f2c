import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  avgPool,
  batchNorm,
  chain,
  conv2d,
  evaluating,
  globalAveragePool,
  maxPool,
  recompute,
  relu,
  residual,
  training,
  wrap,
} from '../../core/autodiff/index.js';
import type { Layer, Variables } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import { RunError } from '../../core/errors/index.js';

const first = conv2d('trunk/block1/conv', { filters: 4 });
const second = conv2d('trunk/block2/conv', { filters: 3 });
const layer = chain(chain(first, batchNorm('trunk/block1/norm'), relu()), second);

/** A layer whose maps throw `message`. */
const failing = (message: string): Layer => {
  const fail = (): never => {
    throw new Error(message);
  };
  return {
    ...relu(),
    linearize: (variables, x, mode) => ({ ...relu().linearize(variables, x, mode), pullback: fail, pushforward: fail }),
    apply: fail,
  };
};

function errorOf(compute: () => unknown): RunError {
  try {
    compute();
  } catch (error) {
    expect(error).toBeInstanceOf(RunError);
    return error as RunError;
  }
  throw new Error('nothing was thrown');
}

describe('a layer that fails in a chain', () => {
  let variables: Variables;
  beforeEach(() => {
    tf.engine().startScope();
    variables = layer.init([6, 6, 2], Generator.for(1, 'weights'));
  });
  afterEach(() => tf.engine().endScope());

  it.each(['linearize', 'apply'] as const)('is named with its shapes, in %s', (map) => {
    const params = { ...variables.params, 'trunk/block2/conv/kernel': tf.ones([3, 3, 7, 3]) };
    const error = errorOf(() => layer[map]({ params, state: variables.state }, tf.ones([2, 6, 6, 2]), training()));
    expect(error.code).toBe('layer/failed');
    expect(error.stage).toBe('model');
    expect(error.message).toMatch(
      /^layer trunk\/block2\/conv \(forward\): input \[2, 6, 6, 4\], kernel \[3, 3, 7, 3\], bias \[3\]: ./,
    );
    expect(error.message).toContain((error.cause as Error).message);
  });

  it('is named once, however deep it is, and nothing leaks', () => {
    const params = { ...variables.params, 'trunk/block2/conv/kernel': tf.ones([3, 3, 7, 3]) };
    const x = tf.ones([2, 6, 6, 2]);
    const before = tf.memory().numTensors;
    const deep = chain(recompute(chain(residual(layer, first), relu())), relu());
    const error = errorOf(() => deep.linearize({ params, state: variables.state }, x, training()));
    expect(error.message.match(/layer /g)).toHaveLength(1);
    expect(error.message).toMatch(/^layer trunk\/block2\/conv/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(['pullback', 'pushforward'] as const)(
    'is placed by the layer before it where it has no name, in %s',
    (map) => {
      const point = chain(first, failing('no luck')).linearize(variables, tf.ones([2, 6, 6, 2]), training());
      const error = errorOf(() =>
        map === 'pullback'
          ? point.pullback(point.output, { input: true })
          : point.pushforward(variables.params, tf.ones([2, 6, 6, 2])),
      );
      expect(error.message).toBe(`layer after trunk/block1/conv (${map}): input [2, 6, 6, 4]: no luck`);
    },
  );

  it('is counted where no layer has a name', () => {
    const error = errorOf(() => chain(relu(), failing('no luck')).apply(variables, tf.ones([2]), evaluating));
    expect(error.message).toMatch(/^layer 2 of 2 \(forward\)/);
  });

  it('says what to do where memory ran out', () => {
    const message = 'OOM when allocating tensor with shape[3200,32,32,64] and type float';
    const broken = wrap(
      () => {
        throw new Error(message);
      },
      [],
      { outputShape: (input) => input },
    );
    const error = errorOf(() => chain(first, broken).linearize(variables, tf.ones([1, 6, 6, 2]), evaluating));
    expect(error.message).toContain(message);
    expect(error.hint).toContain('smaller batch');
    expect(errorOf(() => chain(failing('no luck')).apply(variables, tf.ones([2]), evaluating)).hint).toBeUndefined();
  });

  it('is refused an output that no memory holds, where TensorFlow would end the process', () => {
    const huge = chain(conv2d('trunk/huge', { filters: 2e6, kernelSize: 1, useBias: false }));
    const params = { 'trunk/huge/kernel': tf.ones([1, 1, 1, 2e6]) };
    const error = errorOf(() => huge.linearize({ params, state: {} }, tf.ones([64, 512, 512, 1]), training()));
    expect(error.message).toMatch(
      /^layer trunk\/huge \(forward\): input \[64, 512, 512, 1\].*out of memory: a tensor of/,
    );
    expect(error.hint).toContain('smaller batch');
  });

  it.each([conv2d('c', { filters: 2 }), maxPool(), avgPool(), globalAveragePool()])(
    'is refused inputs that are no images, which would end the process',
    (layer) => {
      const flat = tf.ones([2, 6]);
      const weights = layer.init([6, 6, 2], Generator.for(1, 'weights'));
      const error = errorOf(() => chain(layer).linearize(weights, flat, training()));
      expect(error.message).toContain('input [2, 6]');
      expect(error.message).toContain('images have shape [batch, height, width, channels], not [2, 6]');
    },
  );

  it('raises its own errors unchanged', () => {
    const error = errorOf(() => layer.linearize(variables, tf.ones([1, 6, 6, 2]), training()));
    expect(error.code).toBe('batch-norm/batch-of-one');
  });
});
