import { z } from 'zod';
import { path } from '../plugins/index.js';

const FolderName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'expected a folder name: letters a to z, digits, ".", "_" and "-", the first a letter or digit',
  );

/** The keys of a pipeline that hold no stage. */
export const settings = z.strictObject({
  name: FolderName.default('pipeline').describe('name of the pipeline and of its run folders'),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('seed of every random choice'),
  epochs: z.int().min(1).default(10).describe('passes over the training samples'),
  scheduleEpochs: z
    .int()
    .min(1)
    .describe('epochs that schedules are written for, stretched to all epochs; as many as those by default')
    .optional(),
  evaluation: z
    .strictObject({
      select: z
        .enum(['last', 'validation'])
        .default('last')
        .describe('validation: also test the weights of the epoch that is best on the validation split'),
      lastEpochs: z.int().min(0).default(0).describe('test after each of this many last epochs, for their mean'),
    })
    .prefault({})
    .describe('what is tested besides the weights of the last epoch'),
  checkpoints: z
    .strictObject({
      everyEpochs: z
        .int()
        .min(0)
        .default(1)
        .describe('write one after every n-th epoch, and after the last; 0 only then'),
      everySteps: z.int().min(0).default(0).describe('write one after every n-th step of a pass, too; 0 never'),
      keep: z
        .int()
        .min(1)
        .default(2)
        .describe('keep this many of the last ones, beside the best by its validation score'),
    })
    .prefault({})
    .describe('where a run that was stopped or killed goes on from (--resume)'),
  gradientCosine: z
    .int()
    .min(0)
    .default(1)
    .describe('measure the gradient cosine at every n-th training step; 0 never'),
  runs: path().default('runs').describe('folder that run folders are made in'),
  plugins: z.array(z.string().min(1)).default([]).describe('plugins from outside: npm package names or paths'),
});
export type Settings = z.output<typeof settings>;
