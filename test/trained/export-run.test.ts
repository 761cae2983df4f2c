import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { chain, dense, disposeVariables, flatten, Network, relu } from '../../core/autodiff/index.js';
import type { Layer } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import { compose } from '../../core/pipeline/index.js';
import { exportLayersModel } from '../../core/trained/index.js';
import { Folder } from '../config/folder.js';
import { toyPipeline } from '../pipeline/toy.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

const describedAs = (activation: string): Layer => ({
  ...relu(),
  describe: () => ({ layer: 'Activation', config: { activation } }),
});

it.each([
  ['relu', undefined],
  ['tanh', 'export/differs'],
])('a ReLU that describes itself as %s is exported with the fault %s', async (activation, code) => {
  using composition = await compose(await toyPipeline());
  const trunk = chain(flatten(), dense('trunk/hidden', { units: 6 }), describedAs(activation));
  const network = new Network(trunk, { primary: dense('primary/logits', { units: 3 }) }, [12, 12, 1]);
  const theta1 = network.init(Generator.for(1, 'weights'));
  const run = {
    folder: folder.path,
    composition: { ...composition, network },
    theta1,
    labeller: async () => () => undefined,
    [Symbol.dispose]: () => undefined,
  };
  const before = tf.memory().numTensors;
  const into = join(folder.path, activation);
  const failure = await exportLayersModel(run, into).then(
    () => undefined,
    (error: unknown) => error as { code: string },
  );
  expect(failure?.code).toBe(code);
  expect(existsSync(into)).toBe(code === undefined);
  expect(tf.memory().numTensors).toBe(before);
  disposeVariables(theta1);
});
