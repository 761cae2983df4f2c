import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMetrics } from '../events/index.js';
import type { Observer } from '../stages/index.js';
import { follow } from './follow.js';

const columns = Object.keys({
  primaryLoss: true,
  primaryAccuracy: true,
  primaryR2: true,
  auxiliaryLoss: true,
  gradientCosine: true,
  primaryLossAfter: true,
  regulariser: true,
  metaGradientNorm: true,
  metaCotangentNorm: true,
  regulariserCotangentNorm: true,
  metaShare: true,
  labelEvenness: true,
  labelSampleEntropy: true,
  labelSharpness: true,
  validationLoss: true,
  validationAccuracy: true,
  validationR2: true,
  learningRate: true,
} satisfies Record<keyof EpochMetrics, true>) as (keyof EpochMetrics)[];

/** Writes `metrics.csv`: a row per epoch in full precision, a cell empty where nothing was measured. */
export function metricsTable(directory: string): Observer {
  const file = join(directory, 'metrics.csv');
  return {
    name: 'metrics-table',
    async observe(events) {
      writeFileSync(file, `epoch,${columns.join(',')}\n`);
      await follow(events, (event) => {
        if (event.type !== 'epoch:end') return;
        const cells = columns.map((column) => event.metrics[column] ?? '');
        appendFileSync(file, `${[event.epoch, ...cells].join(',')}\n`);
      });
    },
  };
}
