import { z } from 'zod';
import { nested } from '../../core/plugins/index.js';

const every = z.strictObject({ every: z.int().min(1).describe('training steps between two meta-steps') });

export const MetaGradientConfig = z
  .strictObject({
    method: z
      .enum(['exact', 'finite-difference', 'no-look-ahead', 'unrolled', 'double-backward'])
      .default('exact')
      .describe(
        'exact: forward mode; finite-difference: central differences; no-look-ahead: primary gradient at theta1; ' +
          'unrolled: through several steps; double-backward: on the tape, an oracle for small networks',
      ),
    steps: z.int().min(1).default(1).describe('steps that theta1 looks ahead; above 1 with unrolled'),
    schedule: z
      .union([z.enum(['epoch', 'interleaved', 'streaming']), every])
      .default('epoch')
      .describe(
        'epoch: a meta pass after each training pass; interleaved: each training step is the look-ahead; streaming: ' +
          'the next batch judges the step before; every n: a meta-step after each n training steps',
      ),
    metaBatch: z
      .enum(['inner', 'next', 'held-out'])
      .describe('batch that judges the look-ahead; inner by default, next with streaming')
      .optional(),
    optimizer: nested('optimizer').describe("theta2's optimizer"),
  })
  .superRefine(({ method, steps, schedule, metaBatch }, { addIssue }) => {
    const refuse = (key: string, message: string): void => addIssue({ code: 'custom', path: [key], message });
    const oracle = method === 'unrolled' || method === 'double-backward';
    if (steps > 1 && !oracle) refuse('steps', `${method} looks one step ahead; use unrolled for ${steps}`);
    if (schedule === 'interleaved' && oracle)
      refuse('schedule', `interleaved goes with one-step methods, not ${method}`);
    if (schedule === 'streaming' && method !== 'exact') refuse('schedule', `streaming goes with exact, not ${method}`);
    if (schedule === 'streaming' && (metaBatch ?? 'next') !== 'next') {
      refuse('metaBatch', `streaming judges a step by the next batch, not by ${metaBatch}; leave metaBatch out`);
    }
  });
