import { afterAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { disposeParams, disposeVariables, mapParams } from '../../core/autodiff/index.js';
import type { Params, Variables } from '../../core/autodiff/index.js';
import { writeSafetensors } from '../../core/checkpoint/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import { compose } from '../../core/pipeline/index.js';
import { mainNetwork } from '../../core/training/index.js';
import { Conv4, Conv4Config } from '../../plugins/vision/conv4.js';
import { Mlp, MlpConfig } from '../../plugins/vision/mlp.js';
import { Resnet32, Resnet32Config } from '../../plugins/vision/resnet32.js';
import { Vgg16, Vgg16Config } from '../../plugins/vision/vgg16.js';
import { Folder } from '../config/folder.js';
import { toyPipeline } from '../pipeline/toy.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

const models = {
  conv4: (weights?: unknown) => new Conv4(Conv4Config.parse({ channels: 3, hidden: 5, weights })),
  vgg16: (weights?: unknown) => new Vgg16(Vgg16Config.parse({ widths: [2, 3, 3, 4, 4], weights })),
  resnet32: (weights?: unknown) => new Resnet32(Resnet32Config.parse({ depth: 20, widthMultiplier: 0.25, weights })),
  mlp: (weights?: unknown) => new Mlp(MlpConfig.parse({ hidden: [4, 3], batchNorm: true, weights })),
};
const shape = [12, 12, 1];

/** Fresh variables of a model's main network. */
const init = (name: keyof typeof models, seed: number, weights?: unknown, classes = 3): Variables =>
  mainNetwork(models[name](weights), shape, classes, 4).init(Generator.for(seed, 'weights'));
const values = ({ params, state }: Variables): Record<string, number[]> =>
  Object.fromEntries(Object.entries({ ...params, ...state }).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
const only = (all: Record<string, number[]>, part: string): Record<string, number[]> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(part)));

/** Writes tensors as they are after `change`, and says what they hold. */
async function write(file: string, { params, state }: Variables, change: (all: Params) => Params = (all) => all) {
  const path = join(folder.path, file);
  const changed = change({ ...params, ...state });
  await writeSafetensors(path, changed);
  return path;
}
const without =
  (pattern: RegExp) =>
  (all: Params): Params =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !pattern.test(name)));

const refusal = (work: () => Variables): Error => {
  const before = tf.memory().numTensors;
  try {
    disposeVariables(work());
  } catch (error) {
    expect(tf.memory().numTensors).toBe(before);
    return error as Error;
  }
  throw new Error('nothing was refused');
};

describe.each(Object.keys(models) as (keyof typeof models)[])('%s', (name) => {
  it('starts from a whole file, or from its trunk', async () => {
    const before = tf.memory().numTensors;
    const fileless = init(name, 1);
    // No running statistic is what it begins as.
    const saved = { ...fileless, state: mapParams(fileless.state, (tensor) => tf.add(tensor, 0.5)) };
    disposeParams(fileless.state);
    const file = await write(`${name}.safetensors`, saved);
    const [whole, trunk, fresh] = [init(name, 2, file), init(name, 2, { file, part: 'trunk' }), init(name, 2)];
    expect(values(whole)).toEqual(values(saved));
    expect(only(values(trunk), 'trunk/')).toEqual(only(values(saved), 'trunk/'));
    for (const head of ['primary/', 'auxiliary/']) {
      expect(only(values(trunk), head)).toEqual(only(values(fresh), head));
      expect(only(values(trunk), head)).not.toEqual(only(values(saved), head));
    }
    expect(Object.keys(whole.state).sort()).toEqual(Object.keys(fresh.state).sort());
    for (const variables of [saved, whole, trunk, fresh]) disposeVariables(variables);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('weights of a file', () => {
  it('may lack heads altogether, which start anew', async () => {
    const saved = init('conv4', 1);
    const file = await write('no-heads.safetensors', saved, without(/^(primary|auxiliary)/));
    const [loaded, fresh] = [init('conv4', 2, file), init('conv4', 2)];
    expect(only(values(loaded), 'trunk/')).toEqual(only(values(saved), 'trunk/'));
    expect(only(values(loaded), 'primary/')).toEqual(only(values(fresh), 'primary/'));
    for (const variables of [saved, loaded, fresh]) disposeVariables(variables);
  });

  it('are refused by name where a tensor is missing, misshapen, surplus or of no part', async () => {
    const saved = init('conv4', 1);
    const file = await write('wrong.safetensors', saved, (all) => {
      const { 'trunk/block1/conv/kernel': kernel, 'trunk/block2/norm/mean': mean, ...rest } = all;
      return {
        ...rest,
        'trunk/block1/conv/kernel': tf.reshape(kernel!, [3, 3, 3, 1]),
        'trunk/block2/norm/maen': mean!,
        'trunk/block5/conv/kernel': kernel!,
        'trunk/block3/norm/scale': tf.cast(rest['trunk/block3/norm/scale']!, 'int32'),
        'primry/logits/bias': rest['primary/logits/bias']!,
      };
    });
    const error = refusal(() => init('conv4', 1, file));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ issues: [{ code: 'model/weights', path: ['model', 'weights'] }] });
    for (const fault of [
      `the trunk doesn't fit ${file}:`,
      '"trunk/block1/conv/kernel" is [3, 3, 3, 1], expected [3, 3, 1, 3]',
      '"trunk/block2/norm/mean" [3] is missing; the file has "trunk/block2/norm/maen"',
      '"trunk/block2/norm/maen" is no tensor of this network; the nearest is "trunk/block2/norm/mean"',
      '"trunk/block3/norm/scale" is int32, expected float32',
      '"trunk/block5/conv/kernel" is no tensor of this network; the nearest is "trunk/block1/conv/kernel"',
      '"primry/logits/bias" is no tensor of this network',
    ]) {
      expect(error.message).toContain(fault);
    }
    disposeVariables(saved);
  });

  it('are refused for a head of another number of classes, with the way out', async () => {
    const saved = init('conv4', 1);
    const file = await write('three.safetensors', saved);
    const head = models.conv4(file).head('primary', [12], 7);
    const { message } = refusal(() => head.init([12], Generator.for(2, 'weights')));
    expect(message).toContain('"primary/logits/kernel" is [5, 3], expected [5, 7]');
    expect(message).toContain('part: trunk');
    const loaded = init('conv4', 2, { file, part: 'trunk' }, 7);
    expect(loaded.params['primary/logits/kernel']!.shape).toEqual([5, 7]);
    disposeVariables(saved);
    disposeVariables(loaded);
  });

  it('are refused by name where they are NaN or infinite, unless they are of a head that starts anew', async () => {
    const saved = init('conv4', 1);
    const file = await write('diverged.safetensors', saved, (all) => {
      return { ...all, 'trunk/block2/norm/mean': tf.tensor1d([0, -Infinity, 0]) };
    });
    const error = refusal(() => init('conv4', 1, file));
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code: 'model/not-finite' });
    expect(error.message).toContain(`${file} holds weights that are no finite numbers:`);
    expect(error.message).toContain('"trunk/block2/norm/mean" has -Infinity at position 1 of 3');

    const head = await write('diverged-head.safetensors', saved, (all) => ({
      ...all,
      'primary/logits/bias': tf.fill(all['primary/logits/bias']!.shape, NaN),
    }));
    const { message } = refusal(() => models.conv4(head).head('primary', [27], 3).init([27], Generator.for(2, 'w')));
    expect(message).toContain('"primary/logits/bias" has NaN at position 0 of 3');
    const loaded = init('conv4', 2, { file: head, part: 'trunk' });
    expect(only(values(loaded), 'trunk/')).toEqual(only(values(saved), 'trunk/'));
    disposeVariables(loaded);
    disposeVariables(saved);
  });

  it('are refused where there is no file, and no two faults too many are listed', async () => {
    expect(refusal(() => init('mlp', 1, join(folder.path, 'none')))).toBeInstanceOf(DataError);
    const other = init('mlp', 1);
    const file = await write('other.safetensors', other);
    expect(refusal(() => init('resnet32', 1, file)).message).toMatch(/and \d+ more like these/);
    disposeVariables(other);
  });

  it("are a run's start, main and label network alike, by a path from where it is written", async () => {
    const saved = init('conv4', 1);
    await write('run.safetensors', saved);
    folder.write('weights/model.yaml', 'model: { weights: { file: ../run.safetensors, part: trunk } }\n');
    const before = tf.memory().numTensors;
    {
      using run = await compose(
        await toyPipeline({
          extends: join(folder.path, 'weights/model.yaml'),
          model: { use: 'conv4', channels: 3, hidden: 5 },
        }),
      );
      const { theta1, theta2 } = run.state;
      for (const { variables } of [theta1, theta2!]) {
        expect(only(values(variables), 'trunk/')).toEqual(only(values(saved), 'trunk/'));
      }
      expect(values(theta1.variables)['auxiliary/logits/bias']).toHaveLength(6);
    }
    expect(tf.memory().numTensors).toBe(before);
    disposeVariables(saved);
  });
});
