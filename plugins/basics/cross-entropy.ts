import { injectable } from 'inversify';
import { z } from 'zod';
import { Focal } from './focal.js';

export const CrossEntropyConfig = z.strictObject({});

/** Cross-entropy of logits `[batch, classes]` on hard or soft targets, batch mean: the focal loss without focus. */
@injectable()
export class CrossEntropy extends Focal {
  constructor() {
    super({ gamma: 0 });
  }
}
