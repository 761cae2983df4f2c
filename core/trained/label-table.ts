import { evaluating } from '../autodiff/index.js';
import { humanLevel } from '../datasets/index.js';
import { PluginError } from '../errors/index.js';
import { isLearned } from '../stages/index.js';
import type { Batch, Level } from '../stages/index.js';
import { batches } from '../training/index.js';
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
  /** Every auxiliary class's share of each sample: a column per class. */
  readonly shares: readonly Float32Array[];
}

/**
 * Labels all training samples as a run's strategy does: learned ones by the label network's running statistics, others by
 * preparing them again from the run's seed.
 * @throws PluginError where the strategy makes no classes, or keeps none that could be made again
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
  if (labels.epochStart) throw refuse('changes its labels from epoch to epoch, and a run keeps none of them');

  const label = await labeller(run, () => refuse('labels inputs that it changes, not the samples'));
  const { train, levels, primary, target } = dataset;
  const shares = Array.from({ length: head.outputs }, () => new Float32Array(train.size));
  const auxiliary = new Int32Array(train.size);
  let n = 0;
  for (using batch of batches(dataset, train, { batch: 250 })) {
    const values = label(batch);
    for (let start = 0; start < values.length; start += head.outputs) {
      const row = values.subarray(start, start + head.outputs);
      auxiliary[n] = row.indexOf(Math.max(...row));
      for (const [k, share] of row.entries()) shares[k]![n] = share;
      n++;
    }
  }
  const human = humanLevel(dataset);
  const names = ({ name, classes }: Level): string[] => Array.from(train.labels[name]!, (k) => classes[k]!);
  const values = target && Array.from(train.targets!, (value) => String(inUnits(target, value)));
  return { primary: values ?? names(levels[primary]!), ...(human && { human: names(human) }), auxiliary, shares };
}

/** What gives a batch's targets, row by row. */
async function labeller(run: TrainedRun, refusal: () => PluginError): Promise<(batch: Batch) => Float32Array> {
  const { labels, state } = run.composition;
  if (isLearned(labels)) {
    const theta2 = (await run.readTheta2())!;
    return (batch) => {
      using point = labels.linearize(theta2, batch, evaluating);
      return point.targets.dataSync<'float32'>();
    };
  }
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- only the work counts
  for await (const progress of labels.prepare?.() ?? []);
  return (batch) => {
    using made = labels.for(batch, state.theta2);
    if (made.inputs) throw refusal();
    return made.targets.dataSync<'float32'>();
  };
}
