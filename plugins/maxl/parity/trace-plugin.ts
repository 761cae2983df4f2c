import { injectable } from 'inversify';
import { z } from 'zod';
import { tf } from '../../../core/engine/index.js';
import { definePlugin, stage } from '../../../core/plugins/index.js';
import type { Dataset, DatasetSource, Split } from '../../../core/stages/index.js';
import { toTensor, valuesOf } from './trace.js';
import type { Trace } from './trace.js';

/** A plugin whose one dataset, `trace`, is the batches of a trace, in their order. */
export function tracePlugin({ config, inputs, primaryLabels }: Trace) {
  const classes = config.psi.map((_, i) => `class ${i}`);

  @injectable()
  class TraceDataset implements DatasetSource {
    async load(): Promise<Dataset> {
      const labels = Int32Array.from(primaryLabels.flatMap((json) => [...valuesOf(json)]));
      const split: Split = {
        size: labels.length,
        labels: { primary: labels },
        inputs: (indices) =>
          tf.tidy(() => tf.gather(tf.concat(inputs.map(toTensor)), tf.tensor1d([...indices], 'int32'))),
      };
      return {
        name: 'trace',
        inputShape: inputs[0]!.shape.slice(1),
        levels: { primary: { name: 'primary', classes } },
        primary: 'primary',
        batch: config.batch,
        train: split,
        test: split,
      };
    }
  }

  return definePlugin({
    name: 'trace',
    apiVersion: 1,
    stages: { dataset: [stage('trace', 'the batches of a reference trace', z.strictObject({}), TraceDataset)] },
  });
}
