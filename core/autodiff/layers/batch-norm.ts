import { RunError } from '../../errors/index.js';
import { tf } from '../../engine/index.js';
import type { Layer, Linearisation, Shape } from '../layer.js';
import * as native from '../native/index.js';

const epsilon = 1e-5;
/** How much of the old running statistics an update keeps. */
export const momentum = 0.9;

/**
 * Batch normalisation over all axes but the last, `[n, h, w, c]` or `[n, c]`; parameters `name/scale` and `name/offset`.
 * Training normalises by the batch (biased variance); the running statistics `name/mean` and `name/variance` move by
 * new = 0.9 old + 0.1 batch, with the unbiased variance.
 * @throws RunError for a training batch of one sample, which has no variance.
 */
export function batchNorm(name: string): Layer {
  const [scaleName, offsetName, meanName, varianceName] = ['scale', 'offset', 'mean', 'variance'].map(
    (key) => `${name}/${key}`,
  ) as [string, string, string, string];

  return {
    name,
    retains: { input: true, output: false },

    outputShape: (input: Shape) => input,

    describe: () => ({
      layer: 'BatchNormalization',
      config: { axis: -1, epsilon, momentum },
      weights: [scaleName, offsetName, meanName, varianceName],
    }),

    init(input) {
      const channels = input[input.length - 1]!;
      return {
        params: { [scaleName]: tf.ones([channels]), [offsetName]: tf.zeros([channels]) },
        state: { [meanName]: tf.zeros([channels]), [varianceName]: tf.ones([channels]) },
      };
    },

    apply: ({ params, state }, x, { training }) =>
      tf.tidy(() => {
        if (training) refuseSingle(name, x);
        const axes = x.shape.slice(0, -1).map((_, axis) => axis);
        const mean = training ? tf.mean(x, axes) : state[meanName]!;
        const centred = tf.sub(x, mean);
        const variance = training ? tf.mean(tf.square(centred), axes) : state[varianceName]!;
        const normalised = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
        return tf.add(tf.mul(normalised, params[scaleName]!), params[offsetName]!);
      }),

    linearize(variables, input, { training }): Linearisation {
      const { params, state } = variables;
      const scale = params[scaleName]!;
      const offset = params[offsetName]!;
      const images = (x: tf.Tensor): tf.Tensor => (x.rank === 4 ? x : tf.reshape(x, [x.shape[0], 1, 1, -1]));
      const like = (y: tf.Tensor): tf.Tensor => (input.rank === 4 ? y : tf.reshape(y, input.shape));
      if (!training) return fixedAffine(input);
      refuseSingle(name, input);

      const running = { mean: state[meanName]!, variance: state[varianceName]!, momentum };
      const forward = tf.tidy(() => {
        const { y, reserve, ...rest } = native.batchNormTraining(images(input), scale, offset, epsilon, running);
        return { ...rest, reserve: [...reserve], output: like(y) };
      });
      const { output, mean, variance } = forward;
      const reserve = forward.reserve as unknown as native.Reserve;
      const jacobianInInput = (u: tf.Tensor): tf.Tensor =>
        like(native.batchNormGrad(images(u), images(input), scale, reserve, epsilon).x);

      return {
        output,
        stateUpdate: { [meanName]: mean, [varianceName]: variance },
        pullback(cotangent, { input: wanted }) {
          const gradient = tf.tidy(() => {
            const { x, ...rest } = native.batchNormGrad(images(cotangent), images(input), scale, reserve, epsilon);
            return wanted ? { ...rest, x: like(x) } : rest;
          }) as { scale: tf.Tensor; offset: tf.Tensor; x?: tf.Tensor };
          const gradients = { [scaleName]: gradient.scale, [offsetName]: gradient.offset };
          return gradient.x ? { params: gradients, input: gradient.x } : { params: gradients };
        },
        /** The Jacobian in x is symmetric, so the gradient kernel is its own pushforward. */
        pushforward(tangents, tangent) {
          const { [scaleName]: dScale, [offsetName]: dOffset } = tangents;
          if (!tangent && !dScale && !dOffset) return undefined;
          return tf.tidy(() => {
            const affine =
              dScale || dOffset
                ? like(
                    native.batchNormTraining(
                      images(input),
                      dScale ?? tf.zerosLike(scale),
                      dOffset ?? tf.zerosLike(offset),
                      epsilon,
                      { mean, variance, momentum },
                    ).y,
                  )
                : undefined;
            const inner = tangent && jacobianInInput(tangent);
            return inner && affine ? tf.add(inner, affine) : (inner ?? affine)!;
          });
        },
        [Symbol.dispose]: () => tf.dispose([output, mean, variance, ...reserve]),
      };

      /** With running statistics the layer is affine in x, channel by channel. */
      function fixedAffine(x: tf.Tensor): Linearisation {
        const [mean, variance] = [state[meanName]!, state[varianceName]!];
        const inverse = tf.tidy(() => tf.rsqrt(tf.add(variance, epsilon)));
        const output = tf.tidy(() => like(native.batchNormFixed(images(x), scale, offset, mean, variance, epsilon)));
        const normalised = (): tf.Tensor => tf.mul(tf.sub(x, mean), inverse);
        const axes = x.shape.slice(0, -1).map((_, axis) => axis);
        return {
          output,
          stateUpdate: {},
          pullback: (cotangent, { input: wanted }) => ({
            params: {
              [scaleName]: tf.tidy(() => tf.sum(tf.mul(cotangent, normalised()), axes)),
              [offsetName]: native.biasAddGrad(cotangent),
            },
            ...(wanted ? { input: tf.tidy(() => tf.mul(cotangent, tf.mul(scale, inverse))) } : {}),
          }),
          pushforward({ [scaleName]: dScale, [offsetName]: dOffset }, tangent) {
            if (!tangent && !dScale && !dOffset) return undefined;
            return tf.tidy(() => {
              const terms = [
                ...(tangent ? [tf.mul(tangent, tf.mul(scale, inverse))] : []),
                ...(dScale ? [tf.mul(normalised(), dScale)] : []),
                ...(dOffset ? [tf.broadcastTo(dOffset, x.shape)] : []),
              ];
              return terms.length === 1 ? terms[0]! : tf.addN(terms);
            });
          },
          [Symbol.dispose]: () => tf.dispose([output, inverse]),
        };
      }
    },
  };
}

function refuseSingle(name: string, x: tf.Tensor): void {
  if (x.shape[0] === 1) {
    throw new RunError('batch-norm/batch-of-one', `layer ${name}: batch norm can't train on a batch of one sample`, {
      stage: 'model',
      hint: 'choose a batch size (or a training subset) whose last batch holds at least two samples',
    });
  }
}
