// Says where a workload's steps spend their time and where their memory peaks: node profile.mjs REQUEST, as for measure.mjs.
// Steps repeat the same operations, so each is judged by its fastest repeat, which other work on the machine disturbs least.
import { takeWhile } from 'rxjs';
import { auxflow } from './auxflow.mjs';
import { maxlPipeline } from './pipeline.mjs';

/** @typedef {import('@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js').NodeJSKernelBackend} Backend */

const { tf } = auxflow;
const request = JSON.parse(process.argv[2] ?? '{}');

/** @type {{ name: string, ms: number, liveBytes: number }[]} the operations of one step, in order */
let operations = [];
let next = 0;
let fastestStep = Infinity;

/**
 * @template T
 * @param {string} name
 * @param {() => T} work
 */
function timed(name, work) {
  const began = performance.now();
  const result = work();
  const ms = performance.now() - began;
  const before = operations[next]?.name === name ? operations[next]?.ms : undefined;
  operations[next++] = { name, ms: Math.min(ms, before ?? ms), liveBytes: tf.memory().numBytes };
  return result;
}

const backend = /** @type {Backend} */ (tf.backend());
const { binding } = backend;
/** @type {Partial<typeof binding>} */
const timers = {
  executeOp: (name, ...rest) => timed(name, () => binding.executeOp(name, ...rest)),
  tensorDataSync: (id) => timed('(read)', () => binding.tensorDataSync(id)),
  createTensor: (...values) => timed('(write)', () => binding.createTensor(...values)),
  deleteTensor: (id) => timed('(free)', () => binding.deleteTensor(id)),
};
backend.binding = Object.create(binding, Object.getOwnPropertyDescriptors(timers));

await auxflow
  .run(await maxlPipeline(request), { record: false })
  .pipe(takeWhile(({ type }) => type !== 'epoch:end'))
  .forEach((event) => {
    if (event.type === 'epoch:start') next = 0;
    if (event.type !== 'step:end' && event.type !== 'meta-step:end') return;
    const { pass, step, steps, durationMs } = event;
    if (step === request.warmup) [operations, fastestStep] = [[], Infinity];
    else fastestStep = Math.min(fastestStep, durationMs);
    next = 0;
    if (step === steps) report(pass);
  });

/** @param {string} pass */
function report(pass) {
  const sum = (/** @type {typeof operations} */ list) => list.reduce((total, { ms }) => total + ms, 0);
  const live = operations.map(({ liveBytes }) => liveBytes);
  const peak = Math.max(...live);
  const at = live.indexOf(peak);
  console.log(
    `${pass}: fastest step ${fastestStep.toFixed(0)} ms, of which ${sum(operations).toFixed(0)} ms in the engine`,
  );
  console.log(
    `  live tensors peak at ${(peak / 1e6).toFixed(0)} MB, at call ${at + 1} of ${operations.length}, ${operations[at]?.name}`,
  );
  const kinds = [...new Set(operations.map(({ name }) => name))].map((name) => {
    const calls = operations.filter((operation) => operation.name === name);
    return { name, calls: calls.length, ms: sum(calls) };
  });
  for (const { name, calls, ms } of kinds.sort((a, b) => b.ms - a.ms).slice(0, 20)) {
    console.log(`  ${name.padEnd(24)} ${ms.toFixed(1).padStart(8)} ms ${String(calls).padStart(5)} calls`);
  }
}
