import { z } from 'zod';
import { nearest } from '../plugins/index.js';
import { expectation, given, schemaAt, type JsonSchema } from './expectation.js';
import type { Issues } from './issues.js';
import { deepest, keyOf, plain, type Place, type Written } from './written.js';

/** Stands for a message that the schema's author has not written. */
export const standardMessage = '\u0000';

/**
 * Reports what zod found, in plain words and at the position of the value.
 * @param schema the one that was parsed with `error: () => standardMessage`.
 */
export function explain(found: readonly z.core.$ZodIssue[], schema: z.ZodType, written: Written, issues: Issues): void {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  for (const issue of found) explainOne(issue, issue.path, json, written, issues);
}

function explainOne(
  issue: z.core.$ZodIssue,
  path: readonly PropertyKey[],
  json: JsonSchema,
  written: Written,
  issues: Issues,
): void {
  const { at, found } = deepest(written, path);
  const place: Place = found ? at : { path: [...written.path, ...path.map(asKey)], where: at.where };
  const here = schemaAt(json, path);
  const own = issue.message === standardMessage ? undefined : issue.message;

  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const value = at.type === 'map' ? at.entries.get(key) : undefined;
      const keyPlace = value ? keyOf(value) : { ...place, path: [...place.path, key] };
      issues.add('config/unknown-key', keyPlace, ...unknownKey(key, keysOf(here)));
    }
    return;
  }
  if (issue.code === 'invalid_union') {
    const option =
      issue.errors.find((errors) =>
        errors.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
      ) ?? issue.errors.find((errors) => errors.every(({ path, code }) => path.length > 0 || code !== 'invalid_type'));
    if (option && option.length > 0 && !own) {
      for (const inner of option) explainOne(inner, [...path, ...inner.path], json, written, issues);
      return;
    }
  }
  if (!found) {
    const hint = here.description && `It means: ${here.description}.`;
    issues.add('config/missing-key', place, own ?? `missing: expected ${expectation(here)}`, hint);
    return;
  }
  if (issue.code === 'custom' && own) {
    issues.add('config/invalid-value', place, own);
    return;
  }
  const value = plain(at);
  const got = typeof value === 'object' && value !== null && own ? '' : `, got ${given(value)}`;
  const code = issue.code === 'invalid_type' ? 'config/wrong-type' : 'config/invalid-value';
  issues.add(code, place, `${own ?? `expected ${wanted(issue, here)}`}${got}`, meant(value, here));
}

/** What a schema wants, with the pattern where it is that which text doesn't match: in a reference it would only confuse. */
function wanted({ code }: z.core.$ZodIssue, schema: JsonSchema): string {
  const { pattern } = schema;
  const expected = expectation(schema);
  return code === 'invalid_format' && expected === 'text' && pattern ? `text that matches /${pattern}/` : expected;
}

/** The keys that a map may have, in whichever way it may be written. */
const keysOf = ({ properties, anyOf = [], oneOf = [] }: JsonSchema): string[] =>
  properties ? Object.keys(properties) : [...anyOf, ...oneOf].flatMap(keysOf);

/** Message and hint for a key that a map may not have. */
export function unknownKey(key: string, known: readonly string[]): [message: string, hint: string | undefined] {
  const close = nearest(key, known);
  const hint = known.length > 0 ? `Known keys: ${known.join(', ')}.` : 'No keys are known here.';
  return close ? [`unknown key; did you mean "${close}"?`, undefined] : ['unknown key', hint];
}

function meant(value: unknown, { enum: names }: JsonSchema): string | undefined {
  if (typeof value !== 'string' || !Array.isArray(names)) return undefined;
  const close = nearest(
    value,
    names.filter((name) => typeof name === 'string'),
  );
  return close && `Did you mean "${close}"?`;
}

const asKey = (key: PropertyKey): string | number => (typeof key === 'symbol' ? String(key) : key);
