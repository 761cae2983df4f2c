import { join } from 'node:path';
import { existsSync } from 'node:fs';
import type { ResolvedPipeline } from '../config/index.js';
import { AuxflowError } from '../errors/index.js';
import { arms, type Arm } from './arms.js';
import { displayFolder, findRuns } from './find-runs.js';
import { learnedLabelling, spread, type LearnedLabelling } from './learned-labels.js';
import { project, type Point } from './projection.js';
import { results, type ArmResult } from './results.js';
import { readRun, type RunRecord } from './run-record.js';

/** A run whose labels were learned, with what they came to. */
export interface LearnedRun {
  readonly arm: Arm;
  readonly run: RunRecord;
  readonly labelling: LearnedLabelling;
}

/** A map of the label network's features. */
export interface FeatureMap extends LearnedRun {
  readonly points: readonly Point[];
  /** The samples that the points stand for, as positions in the labelling. */
  readonly samples: Int32Array;
}

/** All that a report shows. */
export interface Report {
  readonly runs: readonly RunRecord[];
  readonly arms: readonly Arm[];
  readonly results: readonly ArmResult[];
  readonly learned: readonly LearnedRun[];
  /** Of the first learned run of each arm. */
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
 * Reads the runs at or below `paths` and works out what there is to show; learned labels are computed anew by each run's own
 * pipeline and weights. What can't be done any more, because a dataset is gone for example, becomes a note.
 * @throws DataError where there is no run, or where a record is damaged
 */
export async function report(paths: readonly string[], { cwd, load, note }: ReportOptions): Promise<Report> {
  const runs: RunRecord[] = [];
  const { runs: folders, missing } = await findRuns(paths, cwd);
  for (const folder of folders) runs.push(await readRun(folder));
  const folderOf = ({ folder }: RunRecord): string => displayFolder(folder, cwd);
  const found = arms(runs);
  const notes = [
    ...missing,
    ...runs.flatMap((run) => (run.reason === undefined ? [] : `${folderOf(run)} ${run.reason}`)),
  ];
  const learned: LearnedRun[] = [];
  for (const arm of found) {
    for (const run of arm.runs.filter(hasLabelNetwork)) {
      note?.(`labels of ${folderOf(run)} ...`);
      try {
        const labelling = await learnedLabelling(await load(join(run.folder, 'config.yaml')), run.folder);
        if (labelling) learned.push({ arm, run, labelling });
      } catch (error) {
        if (!(error instanceof AuxflowError)) throw error;
        notes.push(`${folderOf(run)} has no gallery, agreement and map of its labels: ${error.message}`);
      }
    }
  }
  const firsts = found.flatMap((arm) => learned.find((one) => one.arm === arm) ?? []);
  const maps = firsts.flatMap((one) => mapOf(one, note) ?? []);
  return { runs, arms: found, results: results(found), learned, maps, notes, folderOf };
}

const hasLabelNetwork = ({ folder }: RunRecord): boolean => existsSync(join(folder, 'weights', 'theta2.safetensors'));

function mapOf(one: LearnedRun, note: ReportOptions['note']): FeatureMap | undefined {
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
