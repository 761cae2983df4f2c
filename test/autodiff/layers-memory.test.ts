import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { batchNorm, chain, conv2d, maxPool, recompute, relu, residual, training } from '../../core/autodiff/index.js';
import type { Layer } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';

const shape = [16, 16, 8];
/** Bytes of one activation, beside which parameters and statistics are small. */
const buffer = 4 * 8 * 16 * 16 * 8;
const buffers = (): number => tf.memory().numBytes / buffer;

const block = (name: string): Layer => chain(conv2d(`${name}/conv`, { filters: 8 }), batchNorm(`${name}/norm`), relu());

/** A layer, the identity by default, that notes how many buffers there are when the pullback comes by. */
function probe(seen: number[], layer: Layer = chain()): Layer {
  return {
    ...layer,
    linearize(variables, x, mode) {
      const point = layer.linearize(variables, x, mode);
      return {
        ...point,
        pullback(cotangent, want) {
          seen.push(Math.round(buffers()));
          return point.pullback(cotangent, want);
        },
      };
    },
  };
}

const at = (layer: Layer) =>
  layer.linearize(layer.init(shape, Generator.for(1, 'weights')), tf.ones([8, ...shape]), training());

describe('a linearisation', () => {
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  /** How many buffers linearising adds. */
  const kept = (layer: Layer): number => {
    const variables = layer.init(shape, Generator.for(1, 'weights'));
    const x = tf.ones([8, ...shape]);
    const before = buffers();
    layer.linearize(variables, x, training());
    return Math.round((buffers() - before) * 10) / 10;
  };

  it('keeps two buffers for convolution, batch norm and ReLU', () => {
    expect(kept(block('a'))).toBe(2);
    expect(kept(chain(block('a'), block('b'), block('c')))).toBe(6);
  });

  it('keeps of a residual block what its branches read', () => {
    const body = chain(block('a'), conv2d('b/conv', { filters: 8 }), batchNorm('b/norm'));
    expect(kept(chain(residual(body), relu()))).toBe(4);
    expect(kept(residual(body))).toBe(4);
  });

  it('keeps a max pooled block and a quarter', () => {
    expect(kept(chain(block('a'), maxPool()))).toBe(2.3);
  });

  it('keeps the output alone where it recomputes', () => {
    expect(kept(recompute(chain(block('a'), block('b'), maxPool())))).toBe(0.3);
  });

  it.each<[string, (first: Layer, rest: Layer) => Layer]>([
    ['a chain', (first, rest) => chain(first, rest)],
    ['a residual body', (first, rest) => residual(chain(first, rest))],
    ['a residual block in a chain', (first, rest) => chain(first, residual(rest))],
  ])('frees %s from behind when its pullback releases', (_, build) => {
    const seen: number[] = [];
    const point = at(build(probe(seen), chain(block('a'), block('b'), block('c'))));
    using cotangent = tf.ones(point.output.shape);
    point.pullback(cotangent, { input: true });
    point.pullback(cotangent, { input: true, release: true });
    const [whole, released] = seen as [number, number];
    expect(whole - released).toBeGreaterThanOrEqual(5);
  });

  it("frees what only a layer's successor reads before its own turn", () => {
    const seen: number[] = [];
    const point = at(chain(probe(seen, conv2d('a/conv', { filters: 8 })), batchNorm('a/norm')));
    using cotangent = tf.ones(point.output.shape);
    const { params, input } = point.pullback(cotangent, { input: true });
    tf.dispose([params, input!]);
    point.pullback(cotangent, { input: true, release: true });
    const [whole, released] = seen as [number, number];
    expect(whole - released).toBe(2);
  });

  it('frees as it goes, not all at the end', () => {
    const seen: number[] = [];
    const point = at(chain(block('a'), probe(seen), block('b'), probe(seen), block('c'), probe(seen), block('d')));
    point.pullback(tf.ones(point.output.shape), { input: true, release: true });
    const [afterLast, , afterSecond] = seen as [number, number, number];
    // Two blocks of two buffers, and what two probes count for.
    expect(afterLast - afterSecond).toBe(4 + 2);
  });
});
