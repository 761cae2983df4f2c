import { AuxflowError, RunError } from '../errors/index.js';
import { culpritOf } from './blame.js';

/** What a plugin threw, with where it happened and whose fault it is; the error itself is the cause. */
export function failure(code: string, place: string, cause: unknown, stage?: string): RunError {
  const culprit = culpritOf(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  return new RunError(code, `${[place, culprit].filter(Boolean).join(', ')}: ${message}`, {
    cause,
    ...(stage !== undefined && { stage }),
  });
}

/** Any error as one of auxflow's own, which say what and where: the one way by which a run fails. */
export const asFailure = (error: unknown): unknown =>
  error instanceof AuxflowError || culpritOf(error) === undefined ? error : failure('run/stage-failed', '', error);
