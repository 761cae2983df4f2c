// What the framework costs beside a loop written by hand on the same layers: node framework.mjs REQUEST, a JSON object with
// `spec` (a pipeline of one task), `steps` and `warmup`. The loop takes one step after each step of a real run with all its
// events and records, so that whatever else the machine does meets both alike. Prints milliseconds by step.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeWhile } from 'rxjs';
import { auxflow } from './auxflow.mjs';
import { noisePipeline } from './pipeline.mjs';

const { compose, disposeParams, Generator, run, tf, training } = auxflow;

const { spec, warmup } = JSON.parse(process.argv[2] ?? '{}');
const runs = await mkdtemp(join(tmpdir(), 'auxflow-bench-'));
const pipeline = await noisePipeline({ ...spec, runs });
const takeStep = await loop();

/** @type {number[]} */
const runMs = [];
/** @type {number[]} */
const loopMs = [];
let resumed = 0;
const watched = run(pipeline);
await watched.pipe(takeWhile(({ type }) => type !== 'epoch:end')).forEach((event) => {
  if (event.type !== 'step:end') return;
  const began = performance.now();
  if (event.step > warmup) runMs.push(began - resumed);
  takeStep(event.step - 1);
  resumed = performance.now();
  if (event.step > warmup) loopMs.push(resumed - began);
});
await watched.closed;
await rm(runs, { recursive: true });
console.log(JSON.stringify({ runMs, loopMs }));

/** The training loop as one would write it without a framework, on this pipeline's network, loss and update rule. */
async function loop() {
  const { dataset, network, objective, optimizer } = await compose(pipeline);
  const { batch: size, train, primary: level } = dataset;
  const order = Generator.for(1, 'loop').permutation(train.size);
  let { params, state } = network.init(Generator.for(1, 'weights'));
  let optimizerState = optimizer.init(params);

  return (/** @type {number} */ step) => {
    const indices = order.slice(step * size, (step + 1) * size);
    const classes = indices.map((index) => train.labels[level]?.[index] ?? 0);
    const inputs = train.inputs(indices);
    const targets = tf.tensor1d(classes, 'int32');

    const point = network.linearize({ params, state }, inputs, training());
    const loss = objective.primaryAt(point.outputs, targets);
    const logits = /** @type {import('@tensorflow/tfjs-node').Tensor} */ (point.outputs['primary']);
    const predicted = tf.argMax(logits, -1);
    const guesses = predicted.dataSync();
    const accuracy = classes.reduce((correct, k, n) => correct + Number(k === guesses[n]), 0) / size;
    if (!Number.isFinite(loss.value + accuracy)) throw new Error('the loss is not finite');

    disposeParams(state);
    state = Object.fromEntries(Object.entries(point.stateUpdate).map(([name, tensor]) => [name, tensor.clone()]));
    const gradients = point.pullback({ primary: loss.cotangent }, { release: true });
    const moved = optimizer.update(params, gradients, optimizerState, 0.01);
    disposeParams(params, optimizerState.tensors, gradients);
    [params, optimizerState] = [moved.params, moved.state];
    tf.dispose([inputs, targets, predicted]);
    loss[Symbol.dispose]();
    point[Symbol.dispose]();
  };
}
