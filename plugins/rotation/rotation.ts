import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { Generator, tf } from '../../core/engine/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import { Dataset, oneHotLabels, Random, StageConfig } from '../../core/stages/index.js';
import type { AuxiliaryLabels, Batch, Labels } from '../../core/stages/index.js';
import { quarterTurns } from './quarter-turns.js';

export const RotationConfig = z.strictObject({
  copies: z
    .enum(['all', 'one'])
    .default('all')
    .describe(
      'all: four copies of each image, the upright one for the primary task too; one: each turned at random for both tasks',
    ),
});

const turns = [0, 1, 2, 3];

/**
 * Self-supervision by rotation: the auxiliary task is to tell by which quarter turn an image was rotated (Gidaris, Singh
 * and Komodakis 2018, "Unsupervised Representation Learning by Predicting Image Rotations", section 2.1).
 */
@injectable()
export class Rotation implements AuxiliaryLabels {
  readonly head = { task: 'classification', outputs: turns.length } as const;
  private epoch = 0;
  /** Each training sample's turn in this epoch; a function of seed and epoch alone. */
  private drawn: Int32Array | undefined;

  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof RotationConfig>,
    @inject(Dataset) private readonly dataset: Dataset,
    @inject(Random) private readonly random: Random,
  ) {
    const { inputShape, name } = dataset;
    if (inputShape.length === 3 && inputShape[0] === inputShape[1]) return;
    throw ConfigError.of(
      'auxiliary/not-square',
      ['auxiliary', 'use'],
      `rotation turns square images, and the inputs of ${name} have the shape [${inputShape.join(', ')}]`,
      'use a dataset of square images, or another strategy',
    );
  }

  epochStart(epoch: number): void {
    this.epoch = epoch;
    this.drawn = undefined;
  }

  /** The turned images, and their turns as one-hot rows `[rows, 4]` float32; owned by the caller. */
  for(batch: Batch): Labels {
    const { inputs, classes } = this.config.copies === 'all' ? allTurns(batch) : this.randomTurns(batch);
    const labels = oneHotLabels(classes, turns.length);
    return { targets: labels.targets, inputs, [Symbol.dispose]: () => tf.dispose([labels.targets, inputs]) };
  }

  snapshot() {
    return { tensors: {}, values: { epoch: this.epoch } };
  }

  /** @throws DataError where the snapshot isn't one of this strategy */
  restore({ values }: { readonly values: unknown }): void {
    const found = z.object({ epoch: z.int().min(0) }).safeParse(values);
    if (!found.success) {
      throw new DataError('checkpoint/labels', 'what was kept for rotation is not an epoch', {
        hint: 'resume with the strategy of the run that was stopped',
        cause: found.error,
      });
    }
    this.epochStart(found.data.epoch);
  }

  /** One turn for each sample; augmented inputs are turned as they are. */
  private randomTurns({ indices, inputs }: Batch): Turned {
    const drawn = (this.drawn ??= this.draw());
    const classes = indices.map((index) => drawn[index]!);
    return {
      classes,
      inputs: tf.tidy(() => {
        const quarters = turns.map((turn) => quarterTurns(inputs, turn));
        const rows = classes.map((turn, n) => turn * classes.length + n);
        return tf.gather(tf.concat(quarters), tf.tensor1d(rows, 'int32'));
      }),
    };
  }

  private draw(): Int32Array {
    const generator = Generator.for(this.random.seed, `labels/rotation/${this.epoch}`);
    return Int32Array.from({ length: this.dataset.train.size }, () => generator.integer(turns.length));
  }
}

interface Turned {
  readonly inputs: tf.Tensor;
  readonly classes: Int32Array;
}

/** Four copies of the batch, the upright one first, as the primary task wants it. */
const allTurns = ({ size, inputs }: Batch): Turned => ({
  classes: Int32Array.from({ length: turns.length * size }, (_, row) => Math.floor(row / size)),
  inputs: tf.tidy(() => tf.concat(turns.map((turn) => quarterTurns(inputs, turn)))),
});
