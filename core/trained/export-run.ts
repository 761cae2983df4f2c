import { join } from 'node:path';
import { chain, wrap } from '../autodiff/index.js';
import type { Layer } from '../autodiff/index.js';
import { makeFolder, writeAtomically, writeSafetensors } from '../checkpoint/index.js';
import { tf } from '../engine/index.js';
import { PluginError } from '../errors/index.js';
import { layersModel } from './layers-model.js';
import type { TrainedRun } from './open-run.js';
import { outputs } from './predict-run.js';
import { primaryNetwork } from './primary-network.js';

/** Samples that an export is tried on, and how far its outputs may be off. */
const [trials, tolerance] = [32, 1e-5];

/** What an export wrote. */
export interface Exported {
  readonly files: readonly string[];
  /** The largest difference to the run's own outputs on test samples; of a layers model. */
  readonly difference?: number;
}

/** What whoever uses the weights has to know of the data: an object that JSON holds. */
const about = ({ composition: { dataset, pipeline } }: TrainedRun) => ({
  name: pipeline.name,
  dataset: dataset.name,
  inputShape: dataset.inputShape,
  ...(dataset.target ? { target: dataset.target } : { classes: dataset.levels[dataset.primary]!.classes }),
  ...(dataset.normalisation && { normalisation: dataset.normalisation }),
});

/**
 * Writes trunk and primary head, running statistics included, as `model.safetensors` into a folder. Its metadata says in JSON,
 * under `auxflow`, what the classes are, or the target's mean and deviation.
 */
export async function exportSafetensors(run: TrainedRun, folder: string): Promise<Exported> {
  const { params, state } = primaryNetwork(run).variables;
  const file = join(folder, 'model.safetensors');
  makeFolder(folder);
  await writeSafetensors(file, { ...params, ...state }, { auxflow: JSON.stringify(about(run)) });
  return { files: [file] };
}

/**
 * Writes the primary network as a layers model, from inputs to probabilities: `model.json` and `weights.bin` in a folder, which
 * any tfjs loads. Its `userDefinedMetadata` says what the classes are. That of a regression predicts standardised values, and the
 * metadata say what mean and deviation stand behind them.
 * @throws PluginError for a layer that doesn't describe itself, or whose description computes something else
 */
export async function exportLayersModel(run: TrainedRun, folder: string): Promise<Exported> {
  const { layer, variables } = primaryNetwork(run);
  const { target, inputShape } = run.composition.dataset;
  const model = await layersModel(target ? layer : chain(layer, softmax), variables, inputShape);
  try {
    const difference = largestDifference(model, run);
    if (!(difference <= tolerance)) {
      throw new PluginError(
        'export/differs',
        `the layers model is off by ${difference.toPrecision(2)} in its outputs for test samples`,
        { hint: "Some layer's `describe` isn't what that layer computes in evaluation." },
      );
    }
    makeFolder(folder);
    model.setUserDefinedMetadata({ auxflow: about(run) });
    return { files: await writeModel(model, folder), difference };
  } finally {
    model.dispose();
  }
}

/** Logits to probabilities. */
const softmax: Layer = {
  ...wrap((_, x) => tf.softmax(x), [], { outputShape: (input) => input, describe: () => ({ layer: 'Softmax' }) }),
  name: 'probabilities',
};

function largestDifference(model: tf.LayersModel, run: TrainedRun): number {
  const { test } = run.composition.dataset;
  using inputs = test.inputs(Int32Array.from({ length: Math.min(trials, test.size) }, (_, i) => i));
  using predicted = model.predict(inputs) as tf.Tensor;
  const own = outputs(run, inputs);
  return predicted.dataSync<'float32'>().reduce((largest, value, i) => Math.max(largest, Math.abs(value - own[i]!)), 0);
}

async function writeModel(model: tf.LayersModel, folder: string): Promise<string[]> {
  const [json, weights] = ['model.json', 'weights.bin'];
  await model.save(
    tf.io.withSaveHandler(async ({ weightSpecs, weightData, ...artifacts }) => {
      const weightsManifest = [{ paths: [weights], weights: weightSpecs }];
      const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
      await writeAtomically(join(folder, weights), [bytes]);
      await writeAtomically(join(folder, json), [JSON.stringify({ ...artifacts, weightsManifest })]);
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return [json, weights].map((file) => join(folder, file));
}
