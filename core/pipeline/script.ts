import { join } from 'node:path';
import { concat, defer, EMPTY, from, mergeAll, of, repeat, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { countParams } from '../autodiff/index.js';
import type { Variables } from '../autodiff/index.js';
import { makeFolder, writeSafetensors } from '../checkpoint/index.js';
import { showPipeline } from '../config/index.js';
import { engineInfo } from '../engine/index.js';
import { AuxflowError, RunError } from '../errors/index.js';
import { rSquared, scoreOf } from '../events/index.js';
import type { Evaluation, RunEventBody, Summary, Warning } from '../events/index.js';
import type { Pass } from '../stages/index.js';
import { trainStep } from '../training/index.js';
import type { TrainState } from '../training/index.js';
import { checkpoint, type RunRecord } from './checkpoint.js';
import { occupied } from './compose.js';
import type { Composition } from './compose.js';
import { epoch, evaluate, prepare, unlessAborted } from './phases.js';

type Events = Observable<RunEventBody>;
type RunStart = Extract<RunEventBody, { type: 'run:start' }>;

/** What a resumed run tells first. */
export interface Resumed {
  /** The event of the checkpoint it goes on from, which may never have been told. */
  readonly announce: Events;
}

/** The passes of an epoch: the ordinary training step as the meta-step arranges it. */
export function passesOf(composition: Composition): readonly Pass[] {
  const cosineEvery = composition.pipeline.gradientCosine;
  return composition.metaStep.passes({ train: trainStep({ ...composition, cosineEvery }), cosineEvery });
}

/**
 * Everything that happens in a run, in order: preparation, the epochs, the weights, the test score. A resumed composition
 * leaves out what is done already.
 */
export function script(
  composition: Composition,
  passes: readonly Pass[],
  signal: AbortSignal,
  record?: RunRecord,
  resumed?: Resumed,
): Events {
  const { pipeline, progress, state, clock } = composition;
  return defer(() => {
    const started = clock() - progress.elapsedMs;
    const elapsedMs = (): number => clock() - started;
    let saved: number | undefined;
    const save = (announced: boolean): Events =>
      checkpoint(composition, record, { announced, elapsedMs }).pipe(tap(() => (saved = record?.sequence())));
    /** What has been told since the last checkpoint is that it was written. */
    const isSaved = (): boolean => saved !== undefined && record?.sequence() === saved + 1;
    const oneEpoch = (): Events =>
      concat(
        epoch(composition, passes, signal, () => save(true)),
        defer(() => (isPlanned(composition) ? save(true) : EMPTY)),
      );
    const epochsLeft = (): boolean => state.epoch < pipeline.epochs && !signal.aborted;
    return concat(
      resumed
        ? resumed.announce
        : concat(
            of(runStart(composition, passes, record?.directory)),
            from(warningsOf(composition).map((warning) => ({ type: 'warning' as const, ...warning }))),
          ),
      unlessAborted(signal, () => prepare(composition, signal, () => save(true))),
      defer(() => (epochsLeft() ? oneEpoch().pipe(repeat({ delay: () => (epochsLeft() ? of(true) : EMPTY) })) : EMPTY)),
      defer(() => (signal.aborted && worthSaving(composition) && !isSaved() ? save(false) : EMPTY)),
      record ? defer(() => occupied(composition, saveWeights(composition, record.directory))).pipe(mergeAll()) : EMPTY,
      unlessAborted(signal, () =>
        concat(
          finalTests(composition),
          defer(() => of(runEnd(composition, elapsedMs()))),
        ),
      ),
      defer(() => (signal.aborted ? of(stopped(composition, signal, record, elapsedMs())) : EMPTY)),
    ).pipe(tap((event) => progress.tally.see(event)));
  });
}

/** Whether a checkpoint is due after the epoch that has just ended; the last one always has one. */
function isPlanned({ pipeline, progress, state }: Composition): boolean {
  const { everyEpochs } = pipeline.checkpoints;
  if (progress.within) return false;
  return state.epoch === pipeline.epochs || (everyEpochs > 0 && state.epoch % everyEpochs === 0);
}

/** Before the first step there is nothing that a new run wouldn't make anew, unless a strategy has prepared. */
const worthSaving = ({ progress, state }: Composition): boolean =>
  progress.prepared || state.epoch > 0 || progress.within !== undefined;

/** The first event of a run. */
export function runStart(
  { pipeline, dataset, state }: Composition,
  passes: readonly Pass[],
  directory?: string,
): RunStart {
  return {
    type: 'run:start',
    name: pipeline.name,
    seed: pipeline.seed,
    ...(directory === undefined ? {} : { directory }),
    config: showPipeline(pipeline),
    strategy: pipeline.stages.auxiliary.use,
    epochs: pipeline.epochs,
    trainSamples: dataset.train.size,
    parameters: countParams(state.theta1.variables.params),
    engine: engineInfo(),
    passes: passes.map(({ name }) => ({ name, steps: Math.ceil(dataset.train.size / dataset.batch) })),
  };
}

/** Stages that the pipeline names but that have nothing to do. */
export const warningsOf = ({ metaStep }: Composition): Warning[] =>
  metaStep.idle === undefined ? [] : [{ code: 'meta-step/idle', message: metaStep.idle }];

/** The weights of the last epoch are tested, and those that validation has selected, unless their epoch is tested already. */
function finalTests(composition: Composition): Events {
  const { dataset, pipeline, state, progress } = composition;
  const test = (epoch: number, variables?: Variables): Events =>
    evaluate(composition, 'test', dataset.test, epoch, variables);
  return concat(
    test(pipeline.epochs),
    defer(() => {
      const best = state.best.scored;
      return best && !progress.tally.tests.has(best.epoch) ? test(best.epoch, best.variables) : EMPTY;
    }),
  );
}

/** @throws the reason itself where it is an error of auxflow's: then the run has failed. */
function stopped(
  { state }: Composition,
  { reason }: { readonly reason: unknown },
  record: RunRecord | undefined,
  durationMs: number,
): RunEventBody {
  if (reason instanceof AuxflowError) throw reason;
  return {
    type: 'run:stopped',
    reason: reason instanceof Error ? reason.message : String(reason),
    epoch: state.epoch,
    ...lastCheckpoint(record),
    durationMs,
  };
}

/** Where to go on from, for those who hear of the end. */
export const lastCheckpoint = (record: RunRecord | undefined): { readonly checkpoint?: string } =>
  record?.checkpoints.last === undefined ? {} : { checkpoint: record.checkpoints.last };

function runEnd({ pipeline, state, progress }: Composition, durationMs: number): RunEventBody {
  const { epochs, evaluation } = pipeline;
  const { tests, results } = progress.tally;
  const best = state.best.scored;
  const last = [...tests].flatMap(([epoch, score]) => (epoch > epochs - evaluation.lastEpochs ? score : []));
  const summary: Summary = {
    name: pipeline.name,
    seed: pipeline.seed,
    strategy: pipeline.stages.auxiliary.use,
    epochs,
    parameters: countParams(state.theta1.variables.params),
    test: tests.get(epochs)!,
    ...(best && {
      selected: { epoch: best.epoch, validation: best.validation, test: tests.get(best.epoch)! },
    }),
    ...(last.length > 0 && {
      lastEpochs: { epochs: last.length, ...meanScore(last) },
    }),
    ...results!,
    durationMs,
  };
  return { type: 'run:end', summary, durationMs };
}

function meanScore(tests: readonly Evaluation[]): Pick<NonNullable<Summary['lastEpochs']>, 'meanAccuracy' | 'meanR2'> {
  const mean = tests.reduce((sum, test) => sum + scoreOf(test).value, 0) / tests.length;
  return scoreOf(tests[0]!).kind === rSquared ? { meanR2: mean } : { meanAccuracy: mean };
}

/** What {@link saveWeights} writes: running statistics included. */
const savedNetworks = ({ theta1, theta2, best }: TrainState): Record<string, Variables | undefined> => ({
  theta1: theta1.variables,
  'theta1-selected': best.scored?.variables,
  theta2: theta2?.variables,
});

/** Writes the weights of both networks as `weights/theta1.safetensors` and `theta2`, and theta1 of the selected epoch. */
async function saveWeights({ state }: Composition, directory: string): Promise<RunEventBody[]> {
  const events: RunEventBody[] = [];
  const folder = join(directory, 'weights');
  try {
    makeFolder(folder);
    for (const [name, variables] of Object.entries(savedNetworks(state))) {
      if (!variables) continue;
      const path = join(folder, `${name}.safetensors`);
      const bytes = await writeSafetensors(path, { ...variables.params, ...variables.state });
      events.push({ type: 'checkpoint:written', epoch: state.epoch, path, bytes });
    }
  } catch (cause) {
    throw new RunError('run/unwritable', `can't write weights to ${folder}: ${(cause as Error).message}`, {
      cause,
      hint: 'Make room or make the folder one that you can write to, then go on with --resume.',
    });
  }
  return events;
}
