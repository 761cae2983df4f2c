import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { auxflow } from '../bench/ours/auxflow.mjs';
import { cases } from './cases.mjs';

setFlagsFromString('--expose-gc');
/** @type {() => void} */
const collect = runInNewContext('gc');

/**
 * Runs that end, are stopped, are left, and fail, in turn in one process. After the first half, in which code
 * is compiled and caches fill, nothing may stay: no tensor, no listener, and no more heap than four kilobytes a run.
 *
 * @param {{ runs: number, say: (line: string) => void }} options
 */
export async function manyRuns({ runs, say }) {
  const { builtIn, defaults, loadPipeline, run, tf } = auxflow;
  const spec = /** @type {any} */ ({ ...cases['maxl, momentum, streaming'], epochs: 1, dataset: small });
  const pipeline = await loadPipeline(spec, { plugins: builtIn, defaults });
  const failing = await loadPipeline(
    { ...spec, optimizer: { use: 'sgd', learningRate: 1e30 } },
    { plugins: builtIn, defaults },
  );
  /** @type {Record<string, number>} */
  const endings = {};
  const left = () => {
    collect();
    const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
    return { tensors: tf.memory().numTensors, listeners, heap: process.memoryUsage().heapUsed };
  };
  let early = left();
  const settled = Math.ceil(runs / 2);
  for (let n = 0; n < runs; n++) {
    const stop = new AbortController();
    const started = run(n % 4 === 3 ? failing : pipeline, { record: false, signal: stop.signal });
    await new Promise((resolve) => {
      const subscription = started.subscribe({
        next: ({ type }) => {
          if (/^run:(end|stopped|failed)$/.test(type)) endings[type] = (endings[type] ?? 0) + 1;
          if (type === 'step:end' && n % 4 === 1) stop.abort('enough');
          if (type === 'step:end' && n % 4 === 2) {
            subscription.unsubscribe();
            resolve(undefined);
          }
        },
        error: resolve,
        complete: () => resolve(undefined),
      });
    });
    await started.closed;
    if (n + 1 === settled) early = left();
    if ((n + 1) % 100 === 0) say(`${n + 1}/${runs} runs`);
  }
  const late = left();
  const heapOfARun = (late.heap - early.heap) / Math.max(1, runs - settled);
  const ok = late.tensors === early.tensors && late.listeners === early.listeners && heapOfARun < 4096;
  return {
    name: 'many runs',
    ok,
    lines: [
      `${runs} runs: ${Object.entries(endings)
        .map(([type, count]) => `${count} ${type}`)
        .join(', ')}, the others left`,
      `tensors ${early.tensors} -> ${late.tensors}, listeners ${early.listeners} -> ${late.listeners}, heap ${heapOfARun.toFixed(0)} bytes a run`,
    ],
    data: { endings, early, late, heapOfARun },
  };
}

const small = { use: 'mnist', primary: 'parity', train: 20, batch: 10, validation: 10 };
