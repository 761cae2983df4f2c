import type { z } from 'zod';
import { DataError } from '../../core/errors/index.js';

/**
 * What a combiner kept in a checkpoint.
 * @throws DataError where it isn't what the combiner keeps
 */
export function keptNumbers<Schema extends z.ZodObject>(
  combiner: string,
  schema: Schema,
  values: unknown,
): z.output<Schema> {
  const found = schema.safeParse(values);
  if (found.success) return found.data;
  throw new DataError('checkpoint/combiner', `what was kept for the combiner ${combiner} is not its state`, {
    hint: 'resume with the combiner of the run that was stopped',
    cause: found.error,
  });
}
