import { writeAtomically } from '../checkpoint/index.js';
import type { ResolvedPipeline } from '../config/index.js';
import type { RunEvent } from '../events/index.js';
import { run } from '../pipeline/index.js';
import type { RunOptions } from '../pipeline/index.js';
import type { TrialRecord } from './trial-record.js';

/** Runs a trial's pipeline in this process and writes its record to `file`; a run that was stopped leaves none. */
export async function runTrial(
  pipeline: ResolvedPipeline,
  file: string,
  options: Pick<RunOptions, 'signal' | 'logger'> = {},
): Promise<void> {
  const watch = new TrialWatch();
  const started = run(pipeline, options);
  try {
    await started.forEach((event) => watch.see(event));
  } catch (error) {
    watch.fail(error);
  } finally {
    await started.closed;
  }
  if (watch.record) await writeAtomically(file, [`${JSON.stringify(watch.record, undefined, 2)}\n`]);
}

/** Gathers a trial's record from its events. */
class TrialWatch {
  record: TrialRecord | undefined;
  private directory = '';
  private steps = 0;
  private prepareMs = 0;
  private epochMs = 0;
  private trainingMs = 0;
  /** Spent on validation and tests since the epoch began. */
  private evaluationMs = 0;
  private readonly batches = new Set<string>();

  see(event: RunEvent): void {
    if (event.type === 'run:start') this.directory = event.directory ?? '';
    if (event.type === 'prepare:end') this.prepareMs += event.durationMs;
    if (event.type === 'epoch:start') this.evaluationMs = 0;
    if (event.type === 'evaluate:end') this.evaluationMs += event.durationMs;
    if (event.type === 'epoch:end') {
      this.epochMs = event.durationMs - this.evaluationMs;
      this.trainingMs += this.epochMs;
    }
    if (event.type === 'step:end') this.steps++;
    if (event.type === 'step:end' || event.type === 'meta-step:end')
      this.batches.add(`${event.epoch}/${event.pass}/${event.step}`);
    if (event.type !== 'run:end') return;
    const { directory, steps, prepareMs, epochMs, trainingMs } = this;
    this.record = {
      status: 'finished',
      directory,
      summary: event.summary,
      steps,
      batches: this.batches.size,
      prepareMs,
      epochMs,
      trainingMs: prepareMs + trainingMs,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
  }

  fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.record = { status: 'failed', reason, ...(this.directory && { directory: this.directory }) };
  }
}
