import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chain, convNorm, countParams, flatten, maxPool, relu, training } from '../../core/autodiff/index.js';
import type { Layer } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import type { Model } from '../../core/stages/index.js';
import { layerErrors } from '../../core/testing/index.js';
import { Conv4, Conv4Config } from '../../plugins/vision/conv4.js';
import { Resnet32, Resnet32Config } from '../../plugins/vision/resnet32.js';
import { Vgg16, Vgg16Config } from '../../plugins/vision/vgg16.js';

const models: Record<string, (options: object) => Model> = {
  conv4: (options) => new Conv4(Conv4Config.parse({ channels: 3, ...options })),
  vgg16: (options) => new Vgg16(Vgg16Config.parse({ widths: [2, 3, 3, 4, 4], ...options })),
  resnet32: (options) => new Resnet32(Resnet32Config.parse({ depth: 20, widthMultiplier: 0.25, ...options })),
};
const shape = [12, 12, 2];
const random = (): Generator => Generator.for(1, 'weights');

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

describe.each(Object.entries(models))('%s', (_, build) => {
  it('changes no bit where it recomputes, and keeps less', () => {
    const x = tf.randomNormal([4, ...shape], 0, 1, 'float32', 1);
    const measure = (recompute: boolean): { numbers: Record<string, number[]>; kept: number } => {
      const trunk = build({ recompute }).trunk(shape);
      const variables = trunk.init(shape, random());
      const before = tf.memory().numBytes;
      const point = trunk.linearize(variables, x, training());
      const kept = tf.memory().numBytes - before;
      const pushed = point.pushforward(variables.params, x)!;
      const { params, input } = point.pullback(pushed, { input: true, release: true });
      const numbers = { pushed, input: input!, ...params };
      return {
        numbers: Object.fromEntries(Object.entries(numbers).map(([name, tensor]) => [name, [...tensor.dataSync()]])),
        kept,
      };
    };
    const [plain, recomputed] = [measure(false), measure(true)];
    expect(recomputed.numbers).toEqual(plain.numbers);
    expect(recomputed.kept).toBeLessThan(plain.kept / 2);
  });
});

describe('vgg16', () => {
  it('pools before ReLU, which gives what pooling after it gives', () => {
    const widths = [2, 3, 3, 4, 4];
    const trunk = new Vgg16(Vgg16Config.parse({ widths })).trunk([32, 32, 2]);
    const published = chain(
      ...widths.flatMap((filters, b) => [
        ...Array.from({ length: [2, 2, 3, 3, 3][b]! }, (_, i) => {
          const name = `trunk/block${b + 1}/${i + 1}`;
          return chain(convNorm(`${name}/conv`, `${name}/norm`, { filters }), relu());
        }),
        maxPool(),
      ]),
      flatten(),
    );
    const variables = trunk.init([32, 32, 2], random());
    // Blank corners, so that windows have ties.
    const x = tf.pad(tf.randomNormal([4, 20, 20, 2], 0, 1, 'float32', 1), [
      [0, 0],
      [0, 12],
      [0, 12],
      [0, 0],
    ]);
    const numbers = (layer: Layer): number[][] => {
      const point = layer.linearize(variables, x, training());
      const { params } = point.pullback(point.output, { input: false });
      return [point.output, ...Object.keys(variables.params).map((name) => params[name]!)].map((tensor) => [
        ...tensor.dataSync(),
      ]);
    };
    expect(numbers(trunk)).toEqual(numbers(published));
  });
});

describe('resnet32', () => {
  const trunkAt = (options: object = {}, input = [32, 32, 3]): { trunk: Layer; size: number } => {
    const trunk = new Resnet32(Resnet32Config.parse(options)).trunk(input);
    return { trunk, size: countParams(trunk.init(input, random()).params) };
  };

  it.each([
    [20, 0.27],
    [32, 0.46],
    [44, 0.66],
    [56, 0.85],
  ])('has at depth %d the published %d million parameters', (depth, millions) => {
    const { trunk, size } = trunkAt({ depth });
    expect(trunk.outputShape([32, 32, 3])).toEqual([64]);
    expect(Math.abs((size + 650) / 1e6 - millions)).toBeLessThan(0.011);
  });

  it('has a projection only where a stage narrows', () => {
    const names = Object.keys(new Resnet32(Resnet32Config.parse({})).trunk(shape).init(shape, random()).params);
    const projected = names.filter((name) => name.endsWith('shortcut/conv/kernel'));
    expect(projected).toEqual(['trunk/stage2/1/shortcut/conv/kernel', 'trunk/stage3/1/shortcut/conv/kernel']);
  });

  it('takes images of any size', () => {
    const { trunk } = trunkAt({ depth: 20, widthMultiplier: 0.125 }, [9, 7, 1]);
    const variables = trunk.init([9, 7, 1], random());
    expect(trunk.linearize(variables, tf.ones([2, 9, 7, 1]), training()).output.shape).toEqual([2, 8]);
  });

  it('has linear maps that agree with the tape', () => {
    const { trunk } = trunkAt({ depth: 20, widthMultiplier: 0.125 }, [8, 8, 1]);
    const { pullback, pushforward, adjoint, leaked, misfits } = layerErrors(trunk, [8, 8, 1]);
    expect({ leaked, misfits }).toEqual({ leaked: 0, misfits: 0 });
    expect(Math.max(pullback, pushforward, adjoint)).toBeLessThan(1e-3);
  });

  it('has one dense layer per head, or two where hidden says so', () => {
    const names = (options: object): string[] =>
      Object.keys(new Resnet32(Resnet32Config.parse(options)).head('primary', [64], 5).init([64], random()).params);
    expect(names({})).toEqual(['primary/logits/kernel', 'primary/logits/bias']);
    expect(names({ hidden: 8 })).toHaveLength(4);
  });

  it('refuses depths that the family does not have', () => {
    expect(() => Resnet32Config.parse({ depth: 33 })).toThrow();
  });
});
