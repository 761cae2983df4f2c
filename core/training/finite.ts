import { RunError } from '../errors/index.js';
import type { StepPosition } from '../stages/index.js';

/**
 * Hands a finite number back.
 * @throws RunError naming stage, step and term where a loss has become NaN or infinite
 */
export function finite(value: number, stage: string, term: string, { pass, step, epoch }: StepPosition): number {
  if (Number.isFinite(value)) return value;
  throw new RunError(
    'run/non-finite',
    `${stage}: the ${term} is ${value} at epoch ${Math.floor(epoch) + 1}, step ${step} of the ${pass} pass`,
    { stage, hint: 'a lower learning rate is the usual remedy; check the inputs for NaN too' },
  );
}
