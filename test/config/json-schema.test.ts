import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { jsonSchema } from '../../core/config/index.js';
import { Catalog } from '../../core/plugins/index.js';
import { anyPipeline } from './any-pipeline.js';
import { fakes, least } from './fake-plugins.js';

interface Schema {
  readonly [key: string]: unknown;
  readonly properties: Record<string, object>;
  readonly definitions: Record<string, unknown>;
}
const schema = jsonSchema(new Catalog(fakes)) as Schema;

/** What the schema accepts of files that extend another (`then`) or none (`else`). */
const checker = (branch: 'then' | 'else') => {
  const { properties, required = [] } = schema[branch] as { properties: object; required?: string[] };
  return z.fromJSONSchema({
    ...schema,
    if: undefined,
    then: undefined,
    else: undefined,
    properties: { ...schema.properties, ...properties },
    required,
  } as never);
};

describe('the JSON Schema of pipeline files', () => {
  const [first, change] = [checker('else'), checker('then')];

  it('accepts every valid pipeline', () => {
    fc.assert(
      fc.property(anyPipeline, (written) => {
        expect(first.safeParse(written).error).toBeUndefined();
        expect(change.safeParse({ extends: 'x.yaml', ...written }).error).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it.each<[what: string, written: object]>([
    ['a missing stage', { ...least, model: undefined }],
    ['an unknown key', { ...least, epoch: 3 }],
    ['an unknown stage', { ...least, model: { use: 'konv' } }],
    ['a stage without a name', { ...least, model: { channels: 3 } }],
    ['an unknown key of a stage', { ...least, model: { use: 'conv', chanels: 3 } }],
    ['a missing key of a stage', { ...least, auxiliary: { use: 'random' } }],
    ['a value out of range', { ...least, model: { use: 'conv', channels: 0 } }],
    ['a fault in a nested stage', { ...least, optimizer: { use: 'sgd', learningRate: { use: 'cosine' } } }],
    ['a scalar for a stage', { ...least, loss: 'focal' }],
  ])('refuses %s', (_, written) => {
    expect(first.safeParse(least).success).toBe(true);
    expect(first.safeParse(JSON.parse(JSON.stringify(written))).success).toBe(false);
  });

  it('lets a file that extends another change keys alone, but only known ones', () => {
    const accepts = (written: object) => change.safeParse({ extends: 'x.yaml', ...written }).success;
    expect(accepts({ auxiliary: { psi: 3 } })).toBe(true);
    expect(accepts({ auxiliary: { use: 'random' } })).toBe(true);
    expect(accepts({ auxiliary: { use: 'random', entropyWeight: 3 } })).toBe(false);
    expect(accepts({ epoch: 3 })).toBe(false);
  });

  it('says what stages and keys are, without noise', () => {
    const text = JSON.stringify(schema);
    expect(text).toContain('"const":"conv","description":"the conv stage"');
    expect(schema.definitions['dataset']).toMatchObject({
      oneOf: [
        {
          properties: {
            batch: { description: 'samples per step', type: 'integer', minimum: 1, maximum: 1000, default: 50 },
          },
          required: ['use'],
        },
        {},
      ],
    });
    expect(schema.definitions['optimizer']).toMatchObject({
      oneOf: [{ properties: { learningRate: { description: 'the rate' } } }, {}],
    });
    expect(text).not.toContain(String(Number.MAX_SAFE_INTEGER));
    expect(jsonSchema(new Catalog([])).definitions).toMatchObject({ model: { not: {} } });
  });
});
