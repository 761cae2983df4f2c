import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { makeFolder, writeAtomically } from '../checkpoint/index.js';
import type { Launch } from './launch.js';
import type { Trial } from './trial.js';
import { readRecord, type TrialRecord } from './trial-record.js';

/** The records of trials by id; those that were stopped, or never begun, have none. */
export type Records = ReadonlyMap<string, TrialRecord>;

export interface RunTrialsOptions {
  /** The comparison's folder, absolute. */
  readonly folder: string;
  readonly launch: Launch;
  /** Trials at once. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Hears of each trial that is over; `known` where it was so before. */
  readonly onEnd: (trial: Trial, record: TrialRecord, known: boolean) => void;
}

/**
 * Runs the trials that have no finished record in the folder yet, each pipeline once. Failed ones are tried again.
 * @returns what is known of all of them.
 */
export async function runTrials(
  trials: readonly Trial[],
  { folder, launch, jobs, signal, onEnd }: RunTrialsOptions,
): Promise<Records> {
  const records = new Map<string, TrialRecord>();
  const place = join(folder, 'trials');
  makeFolder(place);

  const waiting: Trial[] = [];
  for (const trial of new Map(trials.map((each) => [each.id, each])).values()) {
    const record = await readRecord(join(place, `${trial.id}.json`));
    if (record?.status === 'finished') {
      records.set(trial.id, record);
      onEnd(trial, record, true);
    } else waiting.push(trial);
  }

  const work = async (): Promise<void> => {
    for (let trial = waiting.shift(); trial && !signal.aborted; trial = waiting.shift()) {
      const record = await runOne(trial, place, launch, signal);
      if (!record) continue;
      records.set(trial.id, record);
      onEnd(trial, record, false);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return records;
}

/** Runs a trial anew; one that was stopped has no record. */
async function runOne(
  { id, pipeline }: Trial,
  place: string,
  launch: Launch,
  signal: AbortSignal,
): Promise<TrialRecord | undefined> {
  const [pipelineFile, recordFile] = [join(place, `${id}.yaml`), join(place, `${id}.json`)];
  await rm(recordFile, { force: true });
  await writeFile(pipelineFile, stringify(pipeline, { aliasDuplicateObjects: false }));
  const reason = await launch(pipelineFile, recordFile, signal);
  const record = await readRecord(recordFile);
  if (record || signal.aborted) return record;
  const failed = { status: 'failed', reason: reason ?? 'the process ended without a result' } as const;
  await writeAtomically(recordFile, [`${JSON.stringify(failed, undefined, 2)}\n`]);
  return failed;
}
