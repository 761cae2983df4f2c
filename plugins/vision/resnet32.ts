import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { batchNorm, chain, conv2d, globalAveragePool, relu, residual } from '../../core/autodiff/index.js';
import type { Layer, Shape } from '../../core/autodiff/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { Model } from '../../core/stages/index.js';
import { denseHead, linearHead } from './block.js';
import { expectImages } from './images.js';
import { pretrained, weightsKey } from './pretrained.js';
import { recomputed, recomputeKey } from './recomputed.js';

const fullWidths = [16, 32, 64];

export const Resnet32Config = z.strictObject({
  depth: z
    .union([z.literal(20), z.literal(32), z.literal(44), z.literal(56)])
    .default(32)
    .describe('weighted layers of the published network, its one dense layer among them'),
  widthMultiplier: z.number().gt(0).default(1).describe('scales the widths 16, 32, 64'),
  hidden: z.int().min(1).describe('units of a hidden layer in each head; one dense layer by default').optional(),
  recompute: recomputeKey,
  weights: weightsKey,
});

/**
 * The residual network for small images (He et al. 2016, section 4.2): a 3x3 convolution, three stages of (depth - 2) / 6
 * residual blocks of two, widths 16, 32 and 64, then a global average pool. The second and third stage halve the image, with
 * a 1x1 convolution and batch norm as the shortcut (the paper's option B, where its CIFAR nets have A). No biases, since
 * batch norm follows every convolution.
 */
@injectable()
export class Resnet32 implements Model {
  private readonly widths: readonly number[];

  constructor(@inject(StageConfig) private readonly config: z.output<typeof Resnet32Config>) {
    this.widths = fullWidths.map((width) => Math.max(1, Math.round(width * config.widthMultiplier)));
  }

  trunk(input: Shape): Layer {
    expectImages('resnet32', input, 4);
    const { depth, recompute, weights } = this.config;
    const blocks = (depth - 2) / 6;
    const layers = chain(
      normalised('trunk/stem', this.widths[0]!),
      relu(),
      ...this.widths.flatMap((width, s) =>
        Array.from({ length: blocks }, (_, b) =>
          recomputed(recompute, unit(`trunk/stage${s + 1}/${b + 1}`, width, s > 0 && b === 0)),
        ),
      ),
      globalAveragePool(),
    );
    return pretrained(weights, 'trunk', layers);
  }

  head(name: string, _features: Shape, outputs: number): Layer {
    const { hidden, weights } = this.config;
    const layers = hidden === undefined ? linearHead(name, outputs) : denseHead(name, hidden, outputs);
    return pretrained(weights, name, layers);
  }
}

/** A convolution without bias, and batch norm. */
const normalised = (name: string, filters: number, { kernelSize = 3, strides = 1 } = {}): Layer =>
  chain(conv2d(`${name}/conv`, { filters, kernelSize, strides, useBias: false }), batchNorm(`${name}/norm`));

/** Two convolutions beside a shortcut; where it narrows, both halve the image. */
function unit(name: string, filters: number, narrows: boolean): Layer {
  const strides = narrows ? 2 : 1;
  const body = chain(normalised(`${name}/1`, filters, { strides }), relu(), normalised(`${name}/2`, filters));
  const shortcut = narrows ? [normalised(`${name}/shortcut`, filters, { kernelSize: 1, strides })] : [];
  return chain(residual(body, ...shortcut), relu());
}
