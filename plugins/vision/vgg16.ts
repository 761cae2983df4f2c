import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { chain, flatten, zeroPad } from '../../core/autodiff/index.js';
import type { Layer, Shape } from '../../core/autodiff/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { Model } from '../../core/stages/index.js';
import { convBlock, denseHead } from './block.js';
import { expectImages } from './images.js';
import { pretrained, weightsKey } from './pretrained.js';
import { recomputed, recomputeKey } from './recomputed.js';

const blocks = [2, 2, 3, 3, 3];
const fullWidths = [64, 128, 256, 512, 512];

export const Vgg16Config = z
  .strictObject({
    widthMultiplier: z.number().gt(0).default(1).describe('scales the widths 64, 128, 256, 512, 512'),
    widths: z.array(z.int().min(1)).length(5).describe('the five widths, instead of a multiplier').optional(),
    hidden: z.int().min(1).describe('units of the hidden layer in each head; the last width by default').optional(),
    recompute: recomputeKey,
    weights: weightsKey,
  })
  .refine(({ widths, widthMultiplier }) => !widths || widthMultiplier === 1, {
    path: ['widths'],
    message: 'give either widths or a widthMultiplier',
  });

/**
 * VGG-16 with batch norm (Simonyan and Zisserman 2015, configuration D), 32x32 inputs, as the MAXL paper uses it: five blocks
 * of 2, 2, 3, 3, 3 convolutions, each followed by 2x2 max pooling, and dense heads. Smaller images are zero-padded.
 */
@injectable()
export class Vgg16 implements Model {
  private readonly widths: readonly number[];

  constructor(@inject(StageConfig) private readonly config: z.output<typeof Vgg16Config>) {
    this.widths = config.widths ?? fullWidths.map((width) => Math.max(1, Math.round(width * config.widthMultiplier)));
  }

  trunk(input: Shape): Layer {
    expectImages('vgg16', input, 1);
    const [height, width] = input as [number, number];
    const pad =
      height < 32 || width < 32 ? [zeroPad({ height: Math.max(height, 32), width: Math.max(width, 32) })] : [];
    const layers = chain(
      ...pad,
      ...this.widths.map((filters, b) =>
        recomputed(
          this.config.recompute,
          ...Array.from({ length: blocks[b]! }, (_, i) =>
            convBlock(`trunk/block${b + 1}/${i + 1}`, filters, { pool: i + 1 === blocks[b] }),
          ),
        ),
      ),
      flatten(),
    );
    return pretrained(this.config.weights, 'trunk', layers);
  }

  head(name: string, _features: Shape, outputs: number): Layer {
    const { hidden = this.widths.at(-1)!, weights } = this.config;
    return pretrained(weights, name, denseHead(name, hidden, outputs));
  }
}
