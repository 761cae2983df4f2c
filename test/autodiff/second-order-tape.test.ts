import { describe, expect, it } from '@jest/globals';
import '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { type RunError } from '../../core/errors/index.js';

/** The derivative of <df(x), v> in x. */
const product = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, v: tf.Tensor = tf.onesLike(x)): number[] => [
  ...tf
    .grad((at) => tf.sum(tf.mul(tf.grad(f)(at), v)))(x)
    .dataSync(),
];

const tidily = (test: () => void) => () => {
  const before = tf.memory().numTensors;
  tf.tidy(test);
  expect(tf.memory().numTensors).toBe(before);
};

describe('custom gradients in second order', () => {
  it(
    'keep the path to what they computed and saved',
    tidily(() => {
      const expm1 = tf.customGrad((x, save) => {
        const e = tf.exp(x as tf.Tensor);
        (save as tf.GradSaveFunc)([e]);
        return { value: tf.sub(e, 1), gradFunc: (dy, saved) => tf.mul(dy, saved[0]!) };
      });
      expect(product((x) => tf.square(expm1(x)), tf.scalar(0.3))[0]).toBeCloseTo(
        4 * Math.exp(0.6) - 2 * Math.exp(0.3),
        4,
      );
    }),
  );

  it(
    'keep the path to their output',
    tidily(() => {
      const exp = tf.customGrad((x, save) => {
        const value = tf.exp(x as tf.Tensor);
        (save as tf.GradSaveFunc)([value]);
        return { value, gradFunc: (dy, saved) => tf.mul(dy, saved[0]!) };
      });
      expect(product(exp, tf.scalar(0.3))[0]).toBeCloseTo(Math.exp(0.3), 5);
    }),
  );

  it(
    'are obeyed where they differ from the derivative of their value',
    tidily(() => {
      const rounded = tf.customGrad((x) => ({ value: tf.round(x as tf.Tensor), gradFunc: (dy) => dy }));
      expect(product((x) => tf.pow(rounded(x), 3), tf.scalar(1.8))[0]).toBeCloseTo(6 * 2, 4);
    }),
  );

  it(
    'compute their value once, so that what is drawn inside stays',
    tidily(() => {
      const drawn: number[] = [];
      const noisy = tf.customGrad((x, save) => {
        const mask = tf.randomUniform([1]);
        drawn.push(mask.dataSync()[0]!);
        (save as tf.GradSaveFunc)([mask]);
        return { value: tf.mul(x as tf.Tensor, mask), gradFunc: (dy, saved) => tf.mul(dy, saved[0]!) };
      });
      const [second] = product((x) => tf.square(noisy(x)), tf.tensor1d([0.7]));
      expect(drawn).toHaveLength(1);
      expect(second).toBeCloseTo(2 * drawn[0]! ** 2, 5);
    }),
  );

  it(
    'that throw leave the tape usable',
    tidily(() => {
      const broken = tf.customGrad(() => {
        throw new Error('mine');
      });
      expect(() => product(broken, tf.scalar(1))).toThrow('mine');
      expect(product(tf.exp, tf.scalar(0))[0]).toBeCloseTo(1, 5);
    }),
  );
});

describe('a gradient that does not depend on its point', () => {
  const linear: [string, (x: tf.Tensor) => tf.Tensor][] = [
    ['sum', (x) => tf.sum(x)],
    ['relu', (x) => tf.relu(x)],
    ['reshaped', (x) => tf.mul(tf.reshape(x, [3, 1]), 2)],
  ];
  it.each(linear)('%s: has gradient zero', (_, f) => {
    tidily(() => expect(product(f, tf.tensor1d([1, -2, 3]))).toEqual([0, 0, 0]))();
  });

  it(
    'has gradient zero in what the point is made from, too',
    tidily(() => {
      const through = (x: tf.Tensor): tf.Tensor => tf.sum(tf.grad((y) => tf.mul(y, 3))(tf.square(x)));
      expect([
        ...tf
          .grad(through)(tf.tensor1d([1, 2]))
          .dataSync(),
      ]).toEqual([0, 0]);
    }),
  );

  it(
    'is no licence to forget the point altogether',
    tidily(() => {
      const forgetful = (): tf.Tensor => tf.sum(tf.grad((y) => tf.exp(y))(tf.scalar(2)));
      expect(() => tf.grad(forgetful)(tf.scalar(1))).toThrow(/encloses all operations/);
      expect(() => tf.grad(() => tf.scalar(2))(tf.scalar(1))).toThrow(/encloses all operations/);
    }),
  );
});

describe('variables', () => {
  it(
    'have mixed second derivatives',
    tidily(() => {
      const [a, b] = [tf.variable(tf.scalar(2)), tf.variable(tf.scalar(3))];
      const loss = (): tf.Scalar => tf.mul(tf.square(a), tf.exp(b));
      const inA = (): tf.Scalar => tf.variableGrads(loss, [a, b]).grads[a.name] as tf.Scalar;
      const { [a.name]: aa, [b.name]: ab } = tf.variableGrads(inA, [a, b]).grads;
      expect(aa!.dataSync()[0]).toBeCloseTo(2 * Math.exp(3), 3);
      expect(ab!.dataSync()[0]).toBeCloseTo(4 * Math.exp(3), 3);
      tf.dispose([a, b]);
    }),
  );
});

describe('beyond second order', () => {
  it(
    'tanh has its third derivative',
    tidily(() => {
      const third = tf.grad((x) => tf.grad((y) => tf.grad((z) => tf.tanh(z))(y))(x))(tf.scalar(0.5));
      const t = Math.tanh(0.5);
      expect(third.dataSync()[0]).toBeCloseTo((1 - t * t) * (6 * t * t - 2), 5);
    }),
  );

  it(
    'max pooling has its third derivative',
    tidily(() => {
      const pool = (x: tf.Tensor): tf.Tensor => tf.pow(tf.maxPool(x as tf.Tensor4D, 2, 1, 'same'), 3);
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      const third = tf.grad((y) => tf.grad((z) => tf.grad(pool)(z))(y))(x);
      expect([...third.dataSync()]).toEqual([0, 0, 0, 24]);
    }),
  );
});

describe('far from zero', () => {
  it.each<[string, (x: tf.Tensor) => tf.Tensor, number]>([
    ['selu', (x) => tf.selu(x), 100],
    ['softplus', (x) => tf.softplus(x), 100],
    ['logSigmoid', (x) => tf.logSigmoid(x), -200],
    ['sigmoid', (x) => tf.sigmoid(x), -100],
    ['softmaxCrossEntropy', (x) => tf.losses.softmaxCrossEntropy(tf.tensor1d([1, 0]), tf.concat([x, tf.neg(x)])), 90],
  ])('%s has second derivative zero, not NaN', (_, f, at) => {
    tidily(() => expect(product(f, tf.tensor1d([at]))[0]).toBeCloseTo(0, 6))();
  });
});

describe('at zero', () => {
  it(
    'pow is finite where its exponent moves, too',
    tidily(() => {
      const square = (x: tf.Tensor): tf.Tensor => tf.pow(x, tf.add(tf.mul(x, 0), 2));
      expect(product(square, tf.tensor1d([0]))).toEqual([2]);
    }),
  );
});

describe('what has no gradient', () => {
  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['TopK', (x) => tf.topk(x, 1).values],
    ['Cumprod', (x) => tf.cumprod(x)],
    ['LRNGrad', (x) => tf.localResponseNormalization(tf.reshape<tf.Rank.R4>(x, [1, 1, 1, 3]))],
  ])('%s: is refused by name, with the way out', (name, f) => {
    tf.tidy(() => {
      const refusal = (): RunError => {
        try {
          product((x) => tf.square(f(x)), tf.tensor1d([1, 2, 3]));
        } catch (error) {
          return error as RunError;
        }
        throw new Error('not refused');
      };
      expect(refusal()).toMatchObject({ code: 'autodiff/no-gradient', hint: expect.stringContaining('customGrad') });
      expect(refusal().message).toContain(name);
    });
  });

  it('einsum with "..." or a diagonal is refused by its equation', () => {
    tf.tidy(() => {
      const f = (x: tf.Tensor): tf.Tensor => tf.einsum('...i->...', x);
      expect(() => tf.grad(f)(tf.ones([2, 2]))).toThrow(/\.\.\.i->\.\.\./);
    });
  });
});
