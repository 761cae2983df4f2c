import { readFile } from 'node:fs/promises';
import type { Summary } from '../events/index.js';

/** What is kept of a trial that ran to its end. */
export interface FinishedTrial {
  readonly status: 'finished';
  /** Its run folder. */
  readonly directory: string;
  readonly summary: Summary;
  /** Updates of the main network. */
  readonly steps: number;
  /** Batches that went through the networks in all passes. */
  readonly batches: number;
  readonly prepareMs: number;
  /** The last epoch's, which has warmed up, without validation and tests. */
  readonly epochMs: number;
  /** Preparation and all epochs, without validation and tests; absent in records that earlier versions wrote. */
  readonly trainingMs?: number;
  /** Most memory that its process held. */
  readonly peakBytes: number;
}

/** What is kept of a trial that didn't. */
export interface FailedTrial {
  readonly status: 'failed';
  readonly reason: string;
  readonly directory?: string;
}
export type TrialRecord = FinishedTrial | FailedTrial;

/** The record in a file; `undefined` where there is none, or none that can be read. */
export async function readRecord(file: string): Promise<TrialRecord | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as TrialRecord;
  } catch {
    return undefined;
  }
}
