/** The part of a JSON Schema that messages are made from. */
export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly type?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly items?: JsonSchema | boolean;
  readonly prefixItems?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** What a value should be, in plain words: `an integer from 1 to 10`. */
export function expectation(schema: JsonSchema): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(expectation))].join(' or ');
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].map((value) => JSON.stringify(value)).join(', ')}`;
  if (Array.isArray(schema.type)) return schema.type.map((type) => expectation({ ...schema, type })).join(' or ');
  switch (schema.type) {
    case 'integer':
      return `an integer${range(schema)}${multiple(schema)}`;
    case 'number':
      return `a number${range(schema)}${multiple(schema)}`;
    case 'string':
      return text(schema);
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'array':
      return list(schema);
    case 'object':
      return 'a map';
    default:
      return 'another value';
  }
}

/** `noun` with its article. */
export const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

const longestShown = 200;

/** What a value is, in plain words: `the text "2"`. */
export function given(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string')
    return `the text ${JSON.stringify(value.slice(0, longestShown))}${value.length > longestShown ? '...' : ''}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** The schema of what stands under `path`; an empty one where that isn't known. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema {
  let at: JsonSchema = schema;
  for (const key of path) {
    const options = [at, ...(at.anyOf ?? at.oneOf ?? [])];
    at = options.map((option) => inside(option, key)).find((found) => found !== undefined) ?? {};
  }
  return at;
}

function inside(schema: JsonSchema, key: PropertyKey): JsonSchema | undefined {
  if (typeof key === 'number') return schema.prefixItems?.[key] ?? (isSchema(schema.items) ? schema.items : undefined);
  const named = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[String(key)] : undefined;
  return (
    (isSchema(named) ? named : undefined) ??
    (isSchema(schema.additionalProperties) ? schema.additionalProperties : undefined)
  );
}

const isSchema = (value: JsonSchema | boolean | undefined): value is JsonSchema => typeof value === 'object';

function range(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const low = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const high = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`;
  const bounds = [
    ...(low === undefined ? [] : [`of at least ${low}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(high === undefined ? [] : [`of at most ${high}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ];
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

const multiple = ({ multipleOf }: JsonSchema): string =>
  multipleOf === undefined ? '' : `, a multiple of ${multipleOf}`;

const formats: Readonly<Record<string, string>> = {
  uri: 'an address such as "https://example.org"',
  email: 'an e-mail address',
  date: 'a date such as "2024-02-29"',
  'date-time': 'a date and time such as "2024-02-29T12:00:00Z"',
};

function text({ minLength, maxLength, format }: JsonSchema): string {
  const named = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (named !== undefined) return named;
  if (typeof maxLength === 'number') return `text of at most ${maxLength} characters`;
  return minLength === undefined ? 'text' : 'text that is not empty';
}

function list({ items, minItems, maxItems }: JsonSchema): string {
  const size =
    minItems === undefined && maxItems === undefined
      ? ''
      : minItems === maxItems
        ? ` of ${minItems}`
        : maxItems === undefined
          ? ` of at least ${minItems}`
          : ` of ${minItems ?? 0} to ${maxItems}`;
  return `a list${size}${isSchema(items) ? `, each item ${expectation(items)}` : ''}`;
}
