import { fileURLToPath } from 'node:url';
import { takeWhile } from 'rxjs';
import { auxflow } from '../bench/ours/auxflow.mjs';

const quickstart = fileURLToPath(new URL('../../pipelines/quickstart.yaml', import.meta.url));

/**
 * Trains the quickstart for a time. After a first tenth, in which caches fill, the medians of memory and of the processor's
 * time for a step may not grow by more than a twentieth, and the tensors at the epochs' ends stay the same in number.
 *
 * @param {{ minutes: number, say: (line: string) => void }} options
 */
export async function longRun({ minutes, say }) {
  const { builtIn, defaults, loadPipeline, run, tf } = auxflow;
  const pipeline = await loadPipeline(quickstart, {
    plugins: builtIn,
    defaults,
    set: ['epochs=1000000', 'scheduleEpochs=15', 'optimizer.learningRate=0.01', 'dataset.validation=100'],
  });
  /** @type {{ at: number, rss: number, tensors: number, stepMs: number, cpuMs: number }[]} */
  const epochs = [];
  /** @type {number[]} */
  let steps = [];
  let used = process.cpuUsage();
  const began = performance.now();
  const share = () => (performance.now() - began) / (minutes * 60_000);
  await run(pipeline, { record: false })
    .pipe(takeWhile((event) => event.type !== 'epoch:end' || share() < 1))
    .forEach((event) => {
      if (event.type === 'step:end') steps.push(event.durationMs);
      if (event.type !== 'epoch:end') return;
      const { user, system } = process.cpuUsage(used);
      const cpuMs = (user + system) / 1000 / steps.length;
      const { numTensors: tensors } = tf.memory();
      epochs.push({ at: share(), rss: process.memoryUsage.rss(), tensors, stepMs: median(steps), cpuMs });
      steps = [];
      used = process.cpuUsage();
      if (epochs.length % 20 === 1)
        say(`${(100 * share()).toFixed(0)}%  epoch ${epochs.length}  ${mebibytes(process.memoryUsage.rss())}`);
    });
  const early = epochs.filter(({ at }) => at >= 0.1 && at < 0.2);
  const late = epochs.filter(({ at }) => at >= 0.9);
  if (early.length === 0 || late.length === 0) throw new Error('too few epochs in this time: ask for more minutes');
  /** @param {'rss' | 'stepMs' | 'cpuMs'} key */
  const growth = (key) => median(late.map((epoch) => epoch[key])) / median(early.map((epoch) => epoch[key]));
  const [rss, stepTime, cpuTime] = [growth('rss'), growth('stepMs'), growth('cpuMs')];
  const tensors = new Set(epochs.map((epoch) => epoch.tensors)).size;
  return {
    name: 'long run',
    ok: rss < 1.05 && cpuTime < 1.05 && tensors === 1,
    lines: [
      `${epochs.length} epochs in ${minutes} minutes`,
      `median resident memory at the end over that after a tenth: ${rss.toFixed(3)} (largest ${mebibytes(Math.max(...epochs.map((epoch) => epoch.rss)))})`,
      `median processor time of a step at the end over that after a tenth: ${cpuTime.toFixed(3)} (by the clock ${stepTime.toFixed(3)})`,
      `numbers of tensors seen at epochs' ends: ${tensors}`,
    ],
    data: { epochs: epochs.length, rss, stepTime, cpuTime, tensors },
  };
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** @param {number} bytes */
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
