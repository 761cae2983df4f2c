import type { PipelineSpec } from '../../core/config/index.js';
import type { RunEvent, RunEventBody } from '../../core/events/index.js';
import { interrupted, type Interruption } from '../pipeline/interrupted.js';
import { toyPipeline } from '../pipeline/toy.js';

/** Runs a small toy pipeline, with checkpoints within its epochs. */
export async function go(changes: PipelineSpec, how: Interruption = {}): Promise<RunEvent[]> {
  const pipeline = await toyPipeline(
    {
      model: { use: 'mlp', hidden: [4] },
      checkpoints: { everySteps: 2, keep: 3 },
      evaluation: { select: 'validation', lastEpochs: 2 },
      ...changes,
    },
    { samples: 20 },
  );
  return interrupted(pipeline, how);
}

/** The folder that a run's first event names. */
export const directoryOf = ([first]: readonly RunEvent[]): string =>
  (first as Extract<RunEventBody, { type: 'run:start' }>).directory!;
