import type { z } from 'zod';
import { PluginError } from '../errors/index.js';
import { absolutePaths } from './absolute-paths.js';
import { shapeOf } from './shape.js';
import { explain, standardMessage } from './explain.js';
import type { Issues } from './issues.js';
import { deepest, plain, type WrittenMap } from './written.js';

/**
 * Validates a map against a schema and fills in defaults; paths become absolute.
 * @param options.elsewhere keys that are validated by other means: whatever stands there is accepted and left out.
 * @param options.cwd what default paths count from.
 * @returns `undefined` where faults were reported.
 * @throws PluginError where the schema itself fails.
 */
export function check(
  schema: z.ZodObject,
  written: WrittenMap,
  { cwd, issues, elsewhere = [] }: { cwd: string; issues: Issues; elsewhere?: readonly string[] },
): Record<string, unknown> | undefined {
  const accepted = Object.fromEntries(elsewhere.map((key) => [key, true]));
  const parsed = parse(schema, { ...accepted, ...(plain(written) as object) }, written);
  if (!parsed.success) {
    explain(parsed.error.issues, schema, written, issues);
    return undefined;
  }
  const config: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(shapeOf(schema))) {
    if (parsed.data[key] === undefined || elsewhere.includes(key)) continue;
    config[key] = absolutePaths(inner, parsed.data[key], (path) => {
      const { at, found } = deepest(written, [key, ...path]);
      return found ? at.base : cwd;
    });
  }
  return config;
}

function parse(
  schema: z.ZodObject,
  value: unknown,
  { path }: WrittenMap,
): z.ZodSafeParseResult<Record<string, unknown>> {
  try {
    return schema.safeParse(value, { error: () => standardMessage });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PluginError('plugin/schema', `The schema of ${path.join('.')} fails: ${reason}`, { cause });
  }
}
