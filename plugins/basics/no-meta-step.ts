import { injectable } from 'inversify';
import { z } from 'zod';
import type { MetaStep, Pass, PassOptions } from '../../core/stages/index.js';

export const NoMetaStepConfig = z.strictObject({});

/** An epoch is one training pass; nothing learns to label. */
@injectable()
export class NoMetaStep implements MetaStep {
  passes({ train }: PassOptions): readonly Pass[] {
    return [{ name: 'train', step: train }];
  }
}
