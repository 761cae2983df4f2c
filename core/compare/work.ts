import { join } from 'node:path';
import type { Load } from './contestants.js';
import { runTrials, type Records, type RunTrialsOptions } from './run-trials.js';
import { setting } from './space.js';
import type { Trial } from './trial.js';
import type { TrialRecord } from './trial-record.js';

/** What it takes to run trials, and whom to tell. */
export interface Work extends Omit<RunTrialsOptions, 'onEnd'> {
  readonly load: Load;
  /** Hears of each trial that has run: how many are over, of how many. */
  readonly progress: (trial: Trial, record: TrialRecord, done: number, of: number) => void;
}

/** Where run folders go, as of `--set`. */
export const runsIn = ({ folder }: Work): string => setting('runs', join(folder, 'runs'));

/** Runs trials that belong together. */
export function runAll(trials: readonly Trial[], work: Work): Promise<Records> {
  const count = new Set(trials.map(({ id }) => id)).size;
  let done = 0;
  return runTrials(trials, {
    ...work,
    onEnd: (trial, record, known) => {
      done++;
      if (!known) work.progress(trial, record, done, count);
    },
  });
}
