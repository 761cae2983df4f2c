import { z } from 'zod';
import { nestedKind, stageKinds, type Catalog, type StageDefinition, type StageKind } from '../plugins/index.js';
import type { JsonSchema } from './expectation.js';
import { settings } from './settings.js';
import { isRequired, shapeOf } from './shape.js';
import { stageKeys, stageRoles, type StageKey } from './spec.js';

const required = ['dataset', 'model', 'optimizer'];

/**
 * JSON Schema (draft 7) of a pipeline file, for completion and checks in editors. A file that extends another may
 * leave out what its base says, `use` too.
 */
export function jsonSchema(catalog: Catalog): JsonSchema {
  const definitions = Object.fromEntries<JsonSchema>(
    stageKinds.flatMap<[string, JsonSchema]>((kind) => [
      [kind, oneOf(catalog.all(kind).map(({ definition }) => stageSchema(definition, false)))],
      [
        changeOf(kind),
        { anyOf: [...catalog.all(kind).map(({ definition }) => stageSchema(definition, true)), withoutUse] },
      ],
    ]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'auxflow pipeline',
    type: 'object',
    properties: {
      extends: { type: 'string', minLength: 1, description: 'pipeline file that this one changes, relative to itself' },
      ...propertiesOf(settings, false),
      ...Object.fromEntries(Object.keys(stageKeys).map((key) => [key, { description: stageRoles[key as StageKey] }])),
      observers: { type: 'array', items: ref('observer'), description: 'what watches the run' },
    },
    additionalProperties: false,
    if: { required: ['extends'] },
    then: { properties: stageProperties((_, kind) => ref(changeOf(kind))) },
    else: { properties: stageProperties(firstOf), required },
    definitions,
  };
}

const changeOf = (kind: StageKind): string => `${kind}Change`;
const ref = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` });
const oneOf = (choices: JsonSchema[]): JsonSchema => (choices.length > 0 ? { oneOf: choices } : { not: {} });
const withoutUse: JsonSchema = { type: 'object', properties: { use: false } };

/** A stage in a file that extends none; what has a default may be changed without naming it. */
const firstOf = (key: string, kind: StageKind): JsonSchema =>
  required.includes(key) ? ref(kind) : { anyOf: [ref(kind), withoutUse] };

const stageProperties = (schemaOf: (key: string, kind: StageKind) => JsonSchema): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(stageKeys).map(([key, kind]) => [key, schemaOf(key, kind)]));

function stageSchema({ name, description, schema }: StageDefinition, change: boolean): JsonSchema {
  const needed = Object.entries(shapeOf(schema)).flatMap(([key, inner]) => (isRequired(inner) ? [key] : []));
  return {
    type: 'object',
    description,
    properties: {
      use: { const: name, description },
      ...propertiesOf(schema, change),
    },
    required: change ? ['use'] : ['use', ...needed],
    additionalProperties: false,
  };
}

/** The keys of a schema, as of a stage that is written whole or as a change of another. */
const propertiesOf = (schema: z.ZodObject, change: boolean): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(shapeOf(schema)).map(([key, inner]) => [key, property(inner, change)]));

function property(schema: z.core.$ZodType, change: boolean): JsonSchema {
  const nesting = nestedKind(schema);
  if (!nesting) {
    return withoutNoise(
      z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }),
    ) as JsonSchema;
  }
  const description = z.globalRegistry.get(schema)?.description;
  const forms = [
    ...(nesting.shorthand ? [{ type: 'number' }] : []),
    ref(change ? changeOf(nesting.kind) : nesting.kind),
    ...(change || isRequired(schema) ? [] : [withoutUse]),
  ];
  return { ...(description === undefined ? {} : { description }), anyOf: forms };
}

/** Drops the bounds of exact integers, which say nothing to people, and the mark of a whole schema. */
function withoutNoise(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNoise);
  if (typeof schema !== 'object' || schema === null) return schema;
  const told = Object.entries(schema).filter(
    ([key, value]) => key !== '$schema' && Math.abs(value as number) !== Number.MAX_SAFE_INTEGER,
  );
  return Object.fromEntries(told.map(([key, value]) => [key, withoutNoise(value)]));
}
