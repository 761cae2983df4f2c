import { injectable } from 'inversify';
import { z } from 'zod';
import type { AuxiliaryLabels, Labels } from '../../core/stages/index.js';

export const SingleTaskConfig = z.strictObject({});

/** No auxiliary task at all: the baseline that every other strategy has to beat. */
@injectable()
export class SingleTask implements AuxiliaryLabels {
  readonly head = undefined;

  for(): Labels {
    throw new Error('single-task has no auxiliary labels');
  }
}
