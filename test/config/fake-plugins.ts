import { z } from 'zod';
import type { PipelineSpec } from '../../core/config/index.js';
import { API_VERSION, nested, path, type Plugin, type StageDefinition } from '../../core/plugins/index.js';

/** A stage that can be named and configured, and never is built. */
export const fakeStage = (name: string, shape: z.core.$ZodShape = {}): StageDefinition => ({
  name,
  description: `the ${name} stage`,
  schema: z.strictObject(shape),
  implementation: class {} as unknown as StageDefinition['implementation'],
});

export const fakePlugin = (name: string, stages: Plugin['stages'] = {}, more: Partial<Plugin> = {}): Plugin => ({
  name,
  apiVersion: API_VERSION,
  stages,
  ...more,
});

const rate = nested('schedule', (value) =>
  typeof value === 'number' ? { use: 'constant', initial: value } : undefined,
);
const psi = z.union([z.int().min(1), z.array(z.int().min(1)).min(1)]);

/** Stages of every kind, with every form of key that real ones have. */
export const fakes: readonly Plugin[] = [
  fakePlugin('data', {
    dataset: [
      fakeStage('digits', {
        batch: z.int().min(1).max(1000).default(50).describe('samples per step'),
        train: z.int().min(1).optional(),
        folder: path().optional(),
      }) as never,
      fakeStage('files', {
        images: path(),
        more: z.array(z.strictObject({ at: path(), weight: z.number().gt(0).default(1) })).default([]),
        source: z.union([z.enum(['web', 'disk']), path()]).default('disk'),
        cache: path().default('cache'),
      }) as never,
    ],
  }),
  fakePlugin(
    'networks',
    {
      model: [
        fakeStage('conv', { channels: z.int().min(1).default(8), norm: z.boolean().default(true) }) as never,
        fakeStage('dense', {
          widths: z.array(z.int().min(1)).min(1),
          activation: z.enum(['relu', 'tanh']).default('relu'),
        }) as never,
      ],
    },
    { version: '1.2.3' },
  ),
  fakePlugin('learning', {
    loss: [fakeStage('focal', { gamma: z.number().min(0).max(5).default(2) }) as never, fakeStage('plain') as never],
    schedule: [
      fakeStage('constant', { initial: z.number().min(0) }) as never,
      fakeStage('cosine', { initial: z.number().min(0), final: z.number().min(0).default(0) }) as never,
    ],
    optimizer: [
      fakeStage('sgd', {
        learningRate: rate.describe('the rate'),
        momentum: z.number().min(0).lt(1).default(0),
      }) as never,
      fakeStage('adam', {
        learningRate: rate.prefault(0.001),
        betas: z.record(z.string(), z.number()).optional(),
      }) as never,
    ],
    combiner: [fakeStage('sum', { weight: z.number().default(1) }) as never],
  }),
  fakePlugin(
    'labels',
    {
      auxiliary: [
        fakeStage('single') as never,
        fakeStage('learned', {
          psi,
          entropyWeight: z.number().min(0).default(0.2),
          model: nested('model').optional(),
        }) as never,
        fakeStage('random', { psi }) as never,
      ],
      metaStep: [
        fakeStage('none') as never,
        fakeStage('gradient', {
          method: z.enum(['exact', 'double']).default('exact'),
          optimizer: nested('optimizer'),
        }) as never,
      ],
      observer: [fakeStage('csv', { file: path(), every: z.int().min(1).default(1) }) as never],
    },
    { requires: ['learning'] },
  ),
];

export const fakeDefaults: PipelineSpec = {
  loss: { use: 'plain' },
  auxiliary: { use: 'single' },
  metaStep: { use: 'none' },
  combiner: { use: 'sum' },
};

/** The least that a pipeline must say. */
export const least: PipelineSpec = {
  dataset: { use: 'digits' },
  model: { use: 'conv' },
  optimizer: { use: 'sgd', learningRate: 0.1 },
};
