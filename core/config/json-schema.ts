import { z } from 'zod';
import { nestedKind, stageKinds, type Catalog, type Nesting, type StageDefinition, type StageKind } from '../plugins/index.js';
import type { JsonSchema } from './expectation.js';
import { settings } from './settings.js';
import { stageKeys } from './spec.js';

const required = ['dataset', 'model', 'optimizer'];

/**
 * JSON Schema (draft 7) of a pipeline file, for completion and checks in editors. A file that extends another may
 * leave out what its base says, `use` too.
 */
export function jsonSchema(catalog: Catalog): JsonSchema {
  const definitions = Object.fromEntries(
    stageKinds.flatMap((kind) => [
      [kind, { oneOf: catalog.all(kind).map(({ definition }) => stageSchema(definition, false)) }],
      [changeOf(kind), { anyOf: [...catalog.all(kind).map(({ definition }) => stageSchema(definition, true)), withoutUse] }],
    ]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'auxflow pipeline',
    type: 'object',
    properties: {
      extends: { type: 'string', minLength: 1, description: 'pipeline file that this one changes, relative to itself' },
      ...plainProperties(settings, () => undefined),
      ...Object.fromEntries(Object.entries(stageKeys).map(([key, kind]) => [key, { description: `the ${kind} stage` }])),
      observers: { type: 'array', items: ref('observer'), description: 'what watches the run' },
    },
    additionalProperties: false,
    if: { required: ['extends'] },
    then: { properties: stageProperties(changeOf) },
    else: { properties: stageProperties((kind) => kind), required },
    definitions,
  };
}

const changeOf = (kind: StageKind): string => `${kind}Change`;
const ref = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` });
const withoutUse = { type: 'object', not: { required: ['use'] } };

const stageProperties = (name: (kind: StageKind) => string): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(stageKeys).map(([key, kind]) => [key, ref(name(kind))]));

function stageSchema({ name, description, schema }: StageDefinition, change: boolean): JsonSchema {
  const needed = Object.entries(schema.shape).flatMap(([key, inner]) => (inner._zod.optin === 'optional' ? [] : [key]));
  return {
    type: 'object',
    description,
    properties: {
      use: { const: name, description },
      ...plainProperties(schema, (nesting) => nestedSchema(nesting, change)),
    },
    required: change ? ['use'] : ['use', ...needed],
    additionalProperties: false,
  };
}

const nestedSchema = ({ kind, shorthand }: Nesting, change: boolean): JsonSchema => {
  const full = ref(change ? changeOf(kind) : kind);
  return shorthand ? { anyOf: [{ type: 'number' }, full] } : full;
};

/** The keys of a schema; `nest` says what stands for a nested stage. */
function plainProperties(schema: z.ZodObject, nest: (nesting: Nesting) => JsonSchema | undefined): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schema.shape).map(([key, inner]) => [key, property(inner, nest)]));
}

function property(schema: z.core.$ZodType, nest: (nesting: Nesting) => JsonSchema | undefined): JsonSchema {
  const nesting = nestedKind(schema);
  const stage = nesting && nest(nesting);
  if (stage) {
    const description = z.globalRegistry.get(schema)?.description;
    return description === undefined ? stage : { description, allOf: [stage] };
  }
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  return withoutSafeRange(rest) as JsonSchema;
}

/** Drops the bounds of exact integers, which say nothing to people. */
function withoutSafeRange(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutSafeRange);
  if (typeof schema !== 'object' || schema === null) return schema;
  const told = Object.entries(schema).filter(([, value]) => Math.abs(value as number) !== Number.MAX_SAFE_INTEGER);
  return Object.fromEntries(told.map(([key, value]) => [key, withoutSafeRange(value)]));
}
