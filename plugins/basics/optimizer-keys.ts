import { z } from 'zod';
import { nested } from '../../core/plugins/index.js';

/** Keys that every optimizer has. */
export const optimizerKeys = {
  learningRate: nested('schedule', (value) =>
    typeof value === 'number' ? { use: 'constant', initial: value } : undefined,
  ).describe('the rate, or a schedule of it'),
  clipNorm: z
    .number()
    .gt(0)
    .optional()
    .describe('largest norm of the gradient, all parameters as one vector; a longer one is scaled down to it'),
};
