import { fileURLToPath } from 'node:url';
import { takeWhile } from 'rxjs';
import { auxflow } from '../bench/ours/auxflow.mjs';

const quickstart = fileURLToPath(new URL('../../pipelines/quickstart.yaml', import.meta.url));

/**
 * Trains the quickstart for a time. After a first tenth, in which caches fill, the median of memory may not grow by more than a twentieth, the
 * tensors at the epochs' ends stay the same in number, and the last tenth's steps take no longer than the first's.
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
  /** @type {{ at: number, rss: number, tensors: number, stepMs: number }[]} */
  const epochs = [];
  /** @type {number[]} */
  let steps = [];
  const began = performance.now();
  const share = () => (performance.now() - began) / (minutes * 60_000);
  await run(pipeline, { record: false })
    .pipe(takeWhile((event) => event.type !== 'epoch:end' || share() < 1))
    .forEach((event) => {
      if (event.type === 'step:end') steps.push(event.durationMs);
      if (event.type !== 'epoch:end') return;
      const stepMs = median(steps);
      epochs.push({ at: share(), rss: process.memoryUsage.rss(), tensors: tf.memory().numTensors, stepMs });
      steps = [];
      if (epochs.length % 20 === 1)
        say(`${(100 * share()).toFixed(0)}%  epoch ${epochs.length}  ${mebibytes(process.memoryUsage.rss())}`);
    });
  const early = epochs.filter(({ at }) => at >= 0.1 && at < 0.2);
  const late = epochs.filter(({ at }) => at >= 0.9);
  if (early.length === 0 || late.length === 0) throw new Error('too few epochs in this time: ask for more minutes');
  const rss = median(late.map((epoch) => epoch.rss)) / median(early.map((epoch) => epoch.rss));
  const stepTime = median(late.map(({ stepMs }) => stepMs)) / median(early.map(({ stepMs }) => stepMs));
  const tensors = new Set(epochs.map((epoch) => epoch.tensors)).size;
  return {
    name: 'long run',
    ok: rss < 1.05 && tensors === 1,
    lines: [
      `${epochs.length} epochs in ${minutes} minutes`,
      `median resident memory at the end over that after a tenth: ${rss.toFixed(3)} (largest ${mebibytes(Math.max(...epochs.map((epoch) => epoch.rss)))})`,
      `median step time at the end over that after a tenth: ${stepTime.toFixed(3)}`,
      `numbers of tensors seen at epochs' ends: ${tensors}`,
    ],
    data: { epochs: epochs.length, rss, stepTime, tensors },
  };
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** @param {number} bytes */
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
