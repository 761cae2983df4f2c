import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { definePlugin } from '../../core/plugins/index.js';
import { evaluateRun, openRun, pipeline, predict, predictFile, tf } from '../../plugins/index.js';
import type { ClassEvaluation, ClassPrediction } from '../../plugins/index.js';
import basics from '../../plugins/basics/plugin.js';
import { Folder } from '../config/folder.js';
import { command, drawPictures, train } from './pictures.js';

const folder = new Folder();
const cwd = folder.path;
beforeAll(async () => {
  await drawPictures(folder);
  await train(folder, 'colours');
});
afterAll(() => folder[Symbol.dispose]());

describe('openRun', () => {
  it('opens a run in code, to be asked as the command line asks it, and frees all of it', async () => {
    const before = tf.memory().numTensors;
    {
      const file = `${cwd}/pictures/test/warm/red/0.png`;
      using run = await openRun('colours/001', { cwd });
      const { stdout } = await command(folder, 'predict', 'colours/001', file, '--json');
      const told = (JSON.parse(stdout) as { predictions: ClassPrediction[] }).predictions;
      expect(await predictFile(run, file)).toEqual(told);

      const { dataset } = run.composition;
      using images = dataset.test.inputs(Int32Array.from({ length: dataset.test.size }, (_, n) => n));
      const right = (predict(run, images) as ClassPrediction[]).filter(
        (found, n) => found.class === dataset.levels['group']!.classes[dataset.test.labels['group']![n]!],
      );
      const { accuracy } = evaluateRun(run, 'test') as ClassEvaluation;
      expect(right.length / dataset.test.size).toBeCloseTo(accuracy, 10);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('takes the selected weights, and changes of the pipeline', async () => {
    using last = await openRun('colours/001', { cwd });
    using selected = await openRun('colours/001', { cwd, weights: 'selected', set: ['dataset.batch=3'] });
    expect(selected.composition.dataset.batch).toBe(3);
    expect(last.composition.dataset.batch).toBe(6);
    using images = last.composition.dataset.test.inputs(Int32Array.of(0));
    expect(predict(selected, images)).not.toEqual(predict(last, images));
  });

  it('is given the plugins that the run was given, and the folder that the run told', async () => {
    const plugin = definePlugin({
      name: 'mine',
      apiVersion: 1,
      stages: { loss: [{ ...basics.stages.loss[1], name: 'my-loss' }] },
    });
    let directory = '';
    const run = pipeline(
      {
        name: 'plain',
        dataset: { use: 'image-folder', path: `${cwd}/pictures`, size: 12, primary: 'group', batch: 6 },
        model: { use: 'mlp', hidden: [4] },
        optimizer: { use: 'sgd', learningRate: 0.05 },
        loss: { use: 'my-loss' },
        epochs: 1,
        runs: `${cwd}/runs`,
      },
      { plugins: [plugin] },
    );
    await run.forEach((event) => {
      if (event.type === 'run:start') directory = event.directory!;
    });
    await expect(openRun(directory)).rejects.toThrow('my-loss');
    using opened = await openRun(directory, { plugins: [plugin] });
    expect(opened.folder).toBe(directory);
  });
});
