// Reads a layers model and inputs as JSON from stdin, and predicts with the plain JavaScript package, which knows no auxflow:
// `node test/trained/plain-tfjs.mjs MODEL.json < { "shape": [...], "values": [...] }`.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

const file = process.argv[2] ?? '';
const { shape, values } = JSON.parse(readFileSync(0, 'utf8'));
const { modelTopology, weightsManifest, userDefinedMetadata } = JSON.parse(readFileSync(file, 'utf8'));
const [{ paths, weights }] = weightsManifest;
const bytes = readFileSync(join(dirname(file), paths[0]));
const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);

await tf.setBackend('cpu');
const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: weights, weightData }));
const predicted = /** @type {tf.Tensor} */ (model.predict(tf.tensor(values, shape)));
process.stdout.write(
  JSON.stringify({ backend: tf.getBackend(), userDefinedMetadata, values: [...predicted.dataSync()] }),
);
