import { z } from 'zod';
import type { StageContracts, StageKind } from './define-plugin.js';

/** What is known of a key that nests a stage. */
export interface Nesting {
  readonly kind: StageKind;
  /** Turns another accepted form into the full one; `undefined` for a value it doesn't accept. */
  readonly shorthand?: ((value: unknown) => object | undefined) | undefined;
}

// Shared by every copy of auxflow in the process: a plugin may have brought one of its own.
const nestings = ((globalThis as Record<symbol, unknown>)[Symbol.for('auxflow/nested')] ??= z.registry()) as ReturnType<
  typeof z.registry<Nesting>
>;

/**
 * A key whose value is itself a stage: `optimizer: { use: adam, learningRate: 0.001 }`. It is validated against the
 * named implementation's schema, and the class that injects the configuration finds the built instance there.
 * @param shorthand turns another accepted form into the full one: `0.3` into `{ use: constant, initial: 0.3 }`.
 */
export function nested<Kind extends StageKind>(
  kind: Kind,
  shorthand?: (value: unknown) => object | undefined,
): z.ZodType<StageContracts[Kind], NestedInput> {
  const schema = z.custom<StageContracts[Kind]>(() => true) as unknown as z.ZodType<StageContracts[Kind], NestedInput>;
  nestings.add(schema, { kind, shorthand });
  return schema;
}

/** What a pipeline may write for a nested stage. */
export type NestedInput = number | { use: string; [key: string]: unknown };

/** The stage that `schema` nests, looking through `describe`, `optional` and defaults; `undefined` for ordinary keys. */
export function nestedKind(schema: z.core.$ZodType): Nesting | undefined {
  const found = nestings.get(schema);
  if (found) return found;
  const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
  return innerType && nestedKind(innerType);
}
