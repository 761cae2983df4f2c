import type { z } from 'zod';

/** The keys of an object schema; zod types those of a schema that isn't known as `any`. */
export const shapeOf = (schema: z.ZodObject): z.core.$ZodShape => schema.shape;

/** Whether a key of this schema must be written. */
export const isRequired = (schema: z.core.$ZodType): boolean => schema._zod.optin === undefined;
