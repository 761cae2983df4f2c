import { join } from 'node:path';
import { existsSync } from 'node:fs';
import type { ResolvedPipeline } from '../config/index.js';
import { AuxflowError, DataError } from '../errors/index.js';
import { arms, type Arm } from './arms.js';
import type { FoundRun } from './comparison.js';
import { weightsFile } from '../trained/index.js';
import { displayFolder, findRuns } from './find-runs.js';
import { labelRun } from './label-run.js';
import { spread, type Labelling } from './labelling.js';
import { project, type Point } from './projection.js';
import { results, type ArmResult } from './results.js';
import { readRun, type RunRecord } from './run-record.js';
import { tasksOf, type Task } from './tasks.js';

/** A run whose labels sort samples into classes, with what they came to. */
export interface LabelledRun {
  readonly arm: Arm;
  readonly run: RunRecord;
  readonly labelling: Labelling;
}

/** A map of the label network's features. */
export interface FeatureMap extends LabelledRun {
  readonly points: readonly Point[];
  /** The samples that the points stand for, as positions in the labelling. */
  readonly samples: Int32Array;
}

/** All that a report shows. */
export interface Report {
  readonly runs: readonly RunRecord[];
  readonly arms: readonly Arm[];
  readonly results: readonly ArmResult[];
  /** The same arms by data set and primary task. */
  readonly tasks: readonly Task[];
  readonly labelled: readonly LabelledRun[];
  /** Of the first labelled run of each arm. */
  readonly maps: readonly FeatureMap[];
  /** What is missing, and why. */
  readonly notes: readonly string[];
  /** A run's folder as the report calls it. */
  folderOf(run: RunRecord): string;
}

export interface ReportOptions {
  /** What relative paths count from. */
  readonly cwd: string;
  /** Loads a pipeline file. */
  readonly load: (file: string) => Promise<ResolvedPipeline>;
  /** Told what is being done, for it may take a while. */
  readonly note?: (line: string) => void;
}

/** Points of a map at most. */
const mapLimit = 1000;

/**
 * Reads the runs at or below `paths` and works out what there is to show; labels are made anew by each run's own pipeline,
 * with its weights or what its checkpoint kept. What can't be done any more, because a record is damaged or a dataset is gone
 * for example, becomes a note.
 * @throws DataError where there is no run, or none whose record can be read
 */
export async function report(paths: readonly string[], { cwd, load, note }: ReportOptions): Promise<Report> {
  const folderOf = ({ folder }: Pick<RunRecord, 'folder'>): string => displayFolder(folder, cwd);
  const { runs: folders, missing } = await findRuns(paths, cwd);
  const notes = [...missing];
  const runs: RunRecord[] = [];
  let fault: DataError | undefined;
  for (const found of folders) {
    try {
      const run = await readRun(found);
      runs.push(run);
      if (run.reason !== undefined) notes.push(`${folderOf(run)} ${run.reason}`);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      fault ??= error;
      notes.push(`${folderOf(found)} is left out: ${inside(found, error)}`);
    }
  }
  if (fault && runs.length === 0) throw fault;
  const all = arms(runs);
  const labelled: LabelledRun[] = [];
  for (const arm of all) {
    for (const run of arm.runs.filter(hasLabels)) {
      note?.(`labels of ${folderOf(run)} ...`);
      try {
        const labelling = await labelRun(await load(join(run.folder, 'config.yaml')), run.folder);
        if (labelling) labelled.push({ arm, run, labelling });
      } catch (error) {
        if (!(error instanceof AuxflowError)) throw error;
        notes.push(`${folderOf(run)} has no gallery, agreement and map of its labels: ${inside(run, error)}`);
      }
    }
  }
  const firsts = all.flatMap((arm) => labelled.find((one) => one.arm === arm) ?? []);
  const maps = firsts.flatMap((one) => mapOf(one, note) ?? []);
  const scored = results(all);
  return { runs, arms: all, results: scored, tasks: tasksOf(all, scored), labelled, maps, notes, folderOf };
}

/** What an error says first, up to the first of a list, files inside the run's folder named from there. */
const inside = ({ folder }: FoundRun, { message }: Error): string =>
  message
    .replace(/:\n\s*/, ': ')
    .split('\n')[0]!
    .replaceAll(join(folder, '/'), '');

/** Whether there are auxiliary labels to look at: a run that was killed has kept no weights. */
const hasLabels = ({ folder, status, epochs }: RunRecord): boolean =>
  existsSync(weightsFile(folder, 'theta2')) ||
  (status === 'finished' && epochs.some(({ metrics }) => metrics.auxiliaryLoss !== undefined));

function mapOf(one: LabelledRun, note: ReportOptions['note']): FeatureMap | undefined {
  const { features } = one.labelling;
  if (!features) return undefined;
  note?.(`map of the features of ${one.arm.label} ...`);
  const samples = spread(features.length, mapLimit);
  const points = project(
    [...samples].map((i) => features[i]!),
    one.run.start.seed,
  );
  return points && { ...one, points, samples };
}
