import type { LabelUse, RunEventBody } from '../../core/events/index.js';
import { formatEvent } from '../../core/observers/index.js';
import type { Folder } from '../config/folder.js';

/** A run as its folder tells of it. */
export interface Recorded {
  readonly name?: string;
  readonly strategy?: string;
  readonly seed?: number;
  readonly epochs?: number;
  readonly config?: object;
  readonly trainSamples?: number;
  readonly auxiliary?: boolean;
  readonly labelUse?: readonly LabelUse[];
  /** Test accuracy; without it the run has no end of its own. */
  readonly accuracy?: number;
  readonly end?: RunEventBody;
}

/** The lines of a run's `events.jsonl`: two epochs of two steps unless told otherwise. */
export function lines(run: Recorded): string[] {
  const { name = 'run', strategy = 'single', seed = 1, epochs = 2, auxiliary = false, labelUse, accuracy } = run;
  const config = run.config ?? { dataset: { use: 'digits', primary: 'parity' }, auxiliary: { use: strategy } };
  const metrics = (epoch: number) => ({
    primaryLoss: 1 / epoch,
    primaryAccuracy: 1 - 0.4 / epoch,
    learningRate: 0.1,
    validationLoss: 1.2 / epoch,
    validationAccuracy: 1 - 0.5 / epoch,
    ...(auxiliary && { auxiliaryLoss: 1, gradientCosine: 0.2 * epoch, labelEvenness: 0.9, labelSharpness: 0.1 }),
  });
  const bodies: RunEventBody[] = [
    {
      type: 'run:start',
      name,
      seed,
      config: { name, seed, ...config },
      strategy,
      epochs,
      trainSamples: run.trainSamples ?? 1000,
      parameters: 10,
      passes: [{ name: 'train', steps: 2 }],
    },
  ];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const step = { epoch, pass: 'train', steps: 2, samples: 5, durationMs: 1, learningRate: 0.1 };
    for (const n of [1, 2])
      bodies.push({
        type: 'step:end',
        ...step,
        step: n,
        primaryLoss: 1,
        primaryAccuracy: 0.5,
        ...(auxiliary && { gradientCosine: 0.1 * n }),
      });
    bodies.push({
      type: 'epoch:end',
      epoch,
      epochs,
      metrics: metrics(epoch),
      durationMs: 5,
      ...(labelUse && { labelUse }),
    });
  }
  if (run.end) bodies.push(run.end);
  else if (accuracy !== undefined) {
    const test = { split: 'test' as const, samples: 100, primaryLoss: 0.3, primaryAccuracy: accuracy };
    const summary = { name, seed, strategy, epochs, parameters: 10, test, metrics: metrics(epochs), durationMs: 2000 };
    bodies.push({ type: 'run:end', summary, durationMs: 2000 });
  }
  return bodies.map((body, sequence) => formatEvent({ ...body, sequence, time: sequence }));
}

/** Writes a run folder; `path` is relative to `folder`. */
export function writeRun(folder: Folder, path: string, run: Recorded): string {
  folder.write(`${path}/config.yaml`, 'name: run\n');
  return folder.write(`${path}/events.jsonl`, `${lines(run).join('\n')}\n`);
}
