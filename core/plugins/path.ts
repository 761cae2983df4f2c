import { z } from 'zod';

// Shared by every copy of auxflow in the process: a plugin may have brought one of its own.
const marks = ((globalThis as Record<symbol, unknown>)[Symbol.for('auxflow/path')] ??= z.registry()) as ReturnType<
  typeof z.registry<{ path: true }>
>;

/**
 * A key whose value is a file or folder: a relative one counts from the file it is written in (from the working folder
 * for `--set`, objects and defaults), and the stage finds it absolute.
 */
export function path(): z.ZodString {
  const schema = z.string().min(1);
  marks.add(schema, { path: true });
  return schema;
}

export const isPath = (schema: z.core.$ZodType): boolean => marks.get(schema) !== undefined;
