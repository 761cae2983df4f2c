import { z } from 'zod';
import { isResumable, joinSnapshots, partOf } from '../checkpoint/index.js';
import type { Checkpoint, Resumable, Snapshot } from '../checkpoint/index.js';
import { showPipeline } from '../config/index.js';
import { DataError } from '../errors/index.js';
import type { Composition } from './compose.js';

/** What a checkpoint says of its run besides the state itself. */
const Header = z.object({
  /** The resolved pipeline. */
  config: z.record(z.string(), z.unknown()),
  /** The data it was trained on. */
  data: z.record(z.string(), z.unknown()),
  /** Events told by then. */
  sequence: z.int().min(0),
  /** Whether the run tells of it as its next event; not where it was only written because the run had to stop. */
  announced: z.boolean(),
  epoch: z.int().min(0),
});
export type CheckpointHeader = z.output<typeof Header>;

/** @throws DataError where the values are not those of a run. */
export function headerOf(checkpoint: Snapshot & { readonly path: string }): CheckpointHeader {
  const parsed = Header.safeParse(partOf(checkpoint, 'run')?.values);
  if (parsed.success) return parsed.data;
  throw new DataError('checkpoint/damaged', `${checkpoint.path} is no checkpoint of a run`, { cause: parsed.error });
}

/** All that a run needs to go on from here as if it had never paused; the tensors are borrowed. */
export function snapshotRun(
  composition: Composition,
  { sequence, announced }: Pick<CheckpointHeader, 'sequence' | 'announced'>,
  elapsedMs: number,
): Snapshot {
  const { pipeline, state, random, labelWatch, progress } = composition;
  const header: CheckpointHeader = {
    config: showPipeline(pipeline) as Record<string, unknown>,
    data: dataOf(composition),
    sequence,
    announced,
    epoch: state.epoch,
  };
  const values = (value: unknown): Snapshot => ({ tensors: {}, values: value });
  return joinSnapshots({
    run: values(header),
    state: state.snapshot(),
    stages: joinSnapshots(
      Object.fromEntries(Object.entries(resumableStages(composition)).map(([key, stage]) => [key, stage.snapshot()])),
    ),
    random: values(random.state),
    labelWatch: values(labelWatch.snapshot()),
    progress: values(progress.snapshot(elapsedMs)),
  });
}

/**
 * Puts a fresh composition where a checkpoint's run was.
 * @throws DataError where the checkpoint is of other networks, data or stages
 */
export function restoreRun(composition: Composition, checkpoint: Checkpoint & { readonly path: string }): void {
  const { state, random, labelWatch, progress } = composition;
  refuseOtherData(composition, headerOf(checkpoint));
  const part = (name: string): Snapshot => partOf(checkpoint, name) ?? { tensors: {}, values: {} };
  try {
    state.restore(part('state'));
    for (const [key, stage] of Object.entries(resumableStages(composition))) {
      const saved = partOf(part('stages'), key);
      if (saved) stage.restore(saved);
    }
    random.state = z.record(z.string(), z.array(z.int())).parse(part('random').values);
    labelWatch.restore(part('labelWatch').values);
    progress.restore(part('progress').values);
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    throw new DataError('checkpoint/damaged', `${checkpoint.path} lacks part of the run's state`, { cause });
  }
}

/** The stages that have a state of their own, by key. */
function resumableStages({ labels, combiner, metaStep, optimizer, dataset }: Composition): Record<string, Resumable> {
  const stages: Record<string, object> = { auxiliary: labels, combiner, metaStep, optimizer, dataset };
  return Object.fromEntries(
    Object.entries(stages).flatMap(([key, stage]) => (isResumable(stage) ? [[key, stage]] : [])),
  );
}

const dataOf = ({
  dataset: { name, inputShape, primary, levels, target, train, validation, heldOut },
}: Composition) => ({
  name,
  inputShape: [...inputShape],
  trainSamples: train.size,
  validationSamples: validation?.size ?? 0,
  heldOutSamples: heldOut?.size ?? 0,
  primaryClasses: levels[primary]!.classes.length,
  ...(target && { target: { ...target } }),
});

function refuseOtherData(composition: Composition, { data }: CheckpointHeader): void {
  for (const [key, value] of Object.entries(dataOf(composition))) {
    const [now, then] = [JSON.stringify(value), JSON.stringify(data[key])];
    if (now === then) continue;
    throw new DataError(
      'checkpoint/other-data',
      `the data are not those of the checkpoint: ${key} is ${now}, was ${then}`,
      {
        hint: 'Resume where the data files are as they were.',
      },
    );
  }
}
