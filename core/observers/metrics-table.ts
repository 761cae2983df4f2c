import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../checkpoint/index.js';
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

/**
 * Writes `metrics.csv`: a row per epoch in full precision, a cell empty where nothing was measured. Of a run that goes on,
 * rows of epochs that its log has lost stay as they are.
 */
export function metricsTable(directory: string): Observer {
  const file = join(directory, 'metrics.csv');
  return {
    name: 'metrics-table',
    async observe(events) {
      const header = `epoch,${columns.join(',')}`;
      const old = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
      let begun = false;
      const begin = (epoch: number): void => {
        const kept = old[0] === header ? old.slice(1).filter((row) => row !== '' && Number.parseInt(row) < epoch) : [];
        replaceFile(file, `${[header, ...kept].join('\n')}\n`);
        begun = true;
      };
      await follow(events, (event) => {
        if (event.type === 'run:start' && !event.resumed) begin(1);
        if (event.type !== 'epoch:end') return;
        if (!begun) begin(event.epoch);
        const cells = columns.map((column) => event.metrics[column] ?? '');
        appendFileSync(file, `${[event.epoch, ...cells].join(',')}\n`);
      });
      if (!begun && old.length === 0) begin(1);
    },
  };
}
