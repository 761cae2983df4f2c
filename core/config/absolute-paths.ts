import { resolve } from 'node:path';
import { z } from 'zod';
import { isPath } from '../plugins/index.js';

/** The folder that a relative path counts from, by where in the value it stands. */
export type BaseOf = (at: readonly PropertyKey[]) => string;

/** `value` with every path in it made absolute, wherever `schema` says that one is. */
export function absolutePaths(
  schema: z.core.$ZodType,
  value: unknown,
  baseOf: BaseOf,
  at: readonly PropertyKey[] = [],
): unknown {
  if (isPath(schema)) return typeof value === 'string' ? resolve(baseOf(at), value) : value;
  const { innerType, options, element, shape, valueType } = schema._zod.def as Composite;
  if (innerType) return absolutePaths(innerType, value, baseOf, at);
  if (options) {
    const accepting = options.find((option) => z.safeParse(option, value).success);
    return accepting ? absolutePaths(accepting, value, baseOf, at) : value;
  }
  const child = (inner: z.core.$ZodType | undefined, item: unknown, key: PropertyKey): unknown =>
    inner ? absolutePaths(inner, item, baseOf, [...at, key]) : item;
  if (element && Array.isArray(value)) return value.map((item, index) => child(element, item, index));
  if (!(shape ?? valueType) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      child(shape && Object.hasOwn(shape, key) ? shape[key] : valueType, item, key),
    ]),
  );
}

/** The parts that zod's composite schemas are defined by. */
interface Composite {
  readonly innerType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly element?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly valueType?: z.core.$ZodType;
}
