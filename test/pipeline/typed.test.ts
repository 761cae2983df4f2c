import { describe, expect, it } from '@jest/globals';
import { injectable } from 'inversify';
import { z } from 'zod';
import { definePlugin, pipeline, stage } from '../../plugins/index.js';
import type { AuxiliaryLabels } from '../../plugins/index.js';

@injectable()
class Mine implements AuxiliaryLabels {
  readonly head = undefined;
  for(): never {
    throw new Error('no labels');
  }
}
const mine = definePlugin({
  name: 'mine',
  apiVersion: 1,
  stages: { auxiliary: [stage('mine', 'an example', z.strictObject({ sharpness: z.number() }), Mine)] },
});

describe('a pipeline in TypeScript', () => {
  it('is typed by the plugins: names, keys and value types', async () => {
    const runs = [
      pipeline({ model: { use: 'conv4', channels: 8 }, optimizer: { use: 'sgd', learningRate: 0.1 } }),
      pipeline({ auxiliary: { use: 'mine', sharpness: 2 } }, { plugins: [mine] }),
      // @ts-expect-error an unknown name
      pipeline({ model: { use: 'conv5' } }),
      // @ts-expect-error an unknown key
      pipeline({ model: { use: 'conv4', chanels: 8 } }),
      // @ts-expect-error a wrong type
      pipeline({ model: { use: 'conv4', channels: '8' } }),
      // @ts-expect-error a plugin that isn't there
      pipeline({ auxiliary: { use: 'mine', sharpness: 2 } }),
    ];
    for (const run of runs) await expect(run.closed).resolves.toBeUndefined();
  });
});
