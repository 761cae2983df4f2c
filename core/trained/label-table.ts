import { humanLevel } from '../datasets/index.js';
import { PluginError } from '../errors/index.js';
import type { Level } from '../stages/index.js';
import { batches, evaluationBatch } from '../training/index.js';
import type { TrainedRun } from './open-run.js';
import { inUnits } from './predict-run.js';

/** The auxiliary labels of a run's training samples, a row for each. */
export interface LabelTable {
  /** Class names, one per sample; of a regression the target's values. */
  readonly primary: readonly string[];
  /** Those of the finer level that people made, where the dataset has one. */
  readonly human?: readonly string[];
  /** The auxiliary class with the highest share, the first of equals. */
  readonly auxiliary: Int32Array;
  /** What each sample counts in the auxiliary loss, where the strategy weighs them. */
  readonly weight?: Float32Array;
  /** Every auxiliary class's share of each sample: a column per class. */
  readonly shares: readonly Float32Array[];
}

/**
 * The labels of all training samples as the run's strategy gave them in the end.
 * @throws PluginError where the strategy makes no classes of the samples; DataError where they can't be made again
 */
export async function labelTable(run: TrainedRun): Promise<LabelTable> {
  const { dataset, labels, pipeline } = run.composition;
  const { head } = labels;
  const refuse = (what: string): PluginError =>
    new PluginError('labels/none', `the strategy ${pipeline.stages.auxiliary.use} ${what}`, {
      hint: 'Labels can be listed of strategies such as maxl, human-hierarchy, autoencoder-kmeans and random-labels.',
    });
  if (!head) throw refuse('has no auxiliary labels');
  if (head.task !== 'classification') throw refuse('has no classes: its auxiliary task is regression');

  const label = await run.labeller();
  const { train, levels, primary, target } = dataset;
  const shares = Array.from({ length: head.outputs }, () => new Float32Array(train.size));
  const auxiliary = new Int32Array(train.size);
  let weight: Float32Array | undefined;
  let n = 0;
  for (using batch of batches(dataset, train, { batch: evaluationBatch(dataset) })) {
    const made = label(batch);
    if (!made) throw refuse('labels inputs that it changes, not the samples');
    const { targets, weights } = made;
    if (weights) (weight ??= new Float32Array(train.size)).set(weights, n);
    for (let start = 0; start < targets.length; start += head.outputs) {
      const row = targets.subarray(start, start + head.outputs);
      auxiliary[n] = row.indexOf(Math.max(...row));
      for (const [k, share] of row.entries()) shares[k]![n] = share;
      n++;
    }
  }
  const human = humanLevel(dataset);
  const names = ({ name, classes }: Level): string[] => Array.from(train.labels[name]!, (k) => classes[k]!);
  const values = target && Array.from(train.targets!, (value) => String(inUnits(target, value)));
  return {
    primary: values ?? names(levels[primary]!),
    ...(human && { human: names(human) }),
    auxiliary,
    ...(weight && { weight }),
    shares,
  };
}
