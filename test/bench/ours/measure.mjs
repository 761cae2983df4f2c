// Times one workload in a process of its own: node measure.mjs REQUEST, a JSON object. Prints one JSON object.
import { takeWhile } from 'rxjs';
import { auxflow } from './auxflow.mjs';
import { resetPeak, resident } from './memory.mjs';
import { maxlPipeline } from './pipeline.mjs';

const request = JSON.parse(process.argv[2] ?? '{}');
const base = resident('VmRSS');
resetPeak();

/** @type {Record<string, { timesMs: number[], peakBytes?: number }>} */
const passes = {};
const pipeline = await maxlPipeline(request);
await auxflow
  .run(pipeline, { record: false })
  .pipe(takeWhile(({ type }) => type !== 'epoch:end'))
  .forEach((event) => {
    if (event.type !== 'step:end' && event.type !== 'meta-step:end') return;
    const { pass, step, steps, durationMs } = event;
    const { timesMs } = (passes[pass] ??= { timesMs: [] });
    // A step that moves both networks says so twice.
    timesMs[step - 1] = durationMs;
    if (step < steps) return;
    const peak = resident('VmHWM');
    if (peak !== undefined && base !== undefined) passes[pass].peakBytes = peak - base;
    resetPeak();
  });

const backend = /** @type {import('@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js').NodeJSKernelBackend} */ (
  auxflow.tf.backend()
);
const versions = { node: process.versions.node, tensorflow: backend.binding.TF_Version };
for (const pass of Object.values(passes)) pass.timesMs.splice(0, request.warmup);
console.log(JSON.stringify({ passes, baseBytes: base, versions }));
