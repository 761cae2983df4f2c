import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { showPipeline, type PipelineSpec, type ResolvedPipeline } from '../../core/config/index.js';
import { ConfigError, PluginError } from '../../core/errors/index.js';
import { anyPipeline } from './any-pipeline.js';
import { fakeDefaults, fakes, least } from './fake-plugins.js';
import { Folder } from './folder.js';
import { load } from './loading.js';

/** A resolved pipeline as data, to compare. */
const bare = (pipeline: ResolvedPipeline): unknown => JSON.parse(JSON.stringify(pipeline));

describe('a resolved pipeline', () => {
  it('is written as YAML that loads to the same one, from any folder', async () => {
    using one = new Folder();
    using other = new Folder();
    await fc.assert(
      fc.asyncProperty(anyPipeline, async (written) => {
        one.write('p.yaml', stringify(written));
        const first = await load('p.yaml', one.path);
        const again = await load(other.write('config.yaml', stringify(showPipeline(first))), other.path);
        expect(bare(again)).toEqual(bare(first));
        expect(again.stages.dataset.definition).toBe(first.stages.dataset.definition);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same from YAML and from an object', async () => {
    using folder = new Folder();
    await fc.assert(
      fc.asyncProperty(anyPipeline, async (written) => {
        const name = written.name ?? 'pipeline';
        const fromFile = await load(folder.write(`${name}.yaml`, stringify(written)), folder.path);
        expect(bare(await load(written, folder.path))).toEqual(bare(fromFile));
      }),
      { numRuns: 30 },
    );
  });

  it('is shown with every default, in a fixed order', async () => {
    const shown = showPipeline(await load({ ...least, observers: [{ use: 'csv', file: 'x' }] }, '/project'));
    expect(JSON.stringify(shown)).toBe(
      JSON.stringify({
        name: 'pipeline',
        seed: 1,
        epochs: 10,
        evaluation: { select: 'last', lastEpochs: 0 },
        checkpoints: { everyEpochs: 1, everySteps: 0, keep: 2 },
        gradientCosine: 1,
        runs: '/project/runs',
        plugins: [],
        dataset: { use: 'digits', batch: 50 },
        model: { use: 'conv', channels: 8, norm: true },
        loss: { use: 'plain' },
        auxiliaryLoss: { use: 'plain' },
        optimizer: { use: 'sgd', learningRate: { use: 'constant', initial: 0.1 }, momentum: 0 },
        auxiliary: { use: 'single' },
        metaStep: { use: 'none' },
        combiner: { use: 'sum', weight: 1 },
        observers: [{ use: 'csv', file: '/project/x', every: 1 }],
      }),
    );
  });
});

describe('a pipeline that is not valid', () => {
  const known = new Set([
    ...[
      'use',
      'extends',
      'name',
      'seed',
      'epochs',
      'scheduleEpochs',
      'evaluation',
      'gradientCosine',
      'runs',
      'plugins',
      'observers',
      'auxiliaryLoss',
    ],
    ...Object.keys({ ...least, ...fakeDefaults }),
    ...fakes.flatMap(({ stages }) =>
      Object.values(stages).flatMap((all) => all.flatMap(({ schema }) => Object.keys(schema.shape))),
    ),
  ]);
  const unknown = fc.string({ minLength: 1 }).filter((key) => !known.has(key));

  it('never has an unknown key accepted, wherever it stands', async () => {
    const place = fc.constantFrom(
      [],
      ['dataset'],
      ['model'],
      ['optimizer'],
      ['optimizer', 'learningRate'],
      ['metaStep', 'optimizer'],
    );
    await fc.assert(
      fc.asyncProperty(unknown, place, fc.jsonValue(), async (key, path, value) => {
        const written: PipelineSpec = structuredClone({
          ...least,
          optimizer: { use: 'sgd', learningRate: { use: 'cosine', initial: 1 } },
          metaStep: { use: 'gradient', optimizer: { use: 'adam' } },
        });
        const at = path.reduce<Record<string, unknown>>(
          (map, name) => map[name] as Record<string, unknown>,
          written as never,
        );
        Object.defineProperty(at, key, { value, enumerable: true });
        const code: unknown = expect.stringMatching(/^config\/(unknown|forbidden)-key$/);
        const issue: unknown = expect.objectContaining({ path: [...path, key], code });
        await expect(load(written, '/')).rejects.toMatchObject({
          issues: expect.arrayContaining([issue]) as unknown,
        });
      }),
      { numRuns: 150 },
    );
  });

  it('ends in an error of its own kind, whatever is changed in its text', async () => {
    using folder = new Folder({ 'base.yaml': stringify(least) });
    const whole = stringify({
      ...least,
      extends: 'base.yaml',
      auxiliary: { use: 'learned', psi: [2, 3], model: { use: 'dense', widths: [3] } },
      metaStep: { use: 'gradient', optimizer: { use: 'adam', learningRate: 0.1 } },
      observers: [{ use: 'csv', file: 'x' }],
      plugins: [],
    });
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('\n', ': ', '- ', '{', '}', '[', ']', '&a ', '*a', '!!', '"', '? ', '|', '~', '\t', '<<: *a'),
    );
    const edit = fc.tuple(fc.nat(whole.length), fc.nat(20), piece);
    let resolved = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 4 }), async (edits) => {
        const text = edits.reduce((was, [at, cut, put]) => was.slice(0, at) + put + was.slice(at + cut), whole);
        const path = folder.write('p.yaml', text);
        try {
          await load(path, folder.path);
          resolved++;
        } catch (error) {
          if (!(error instanceof ConfigError || error instanceof PluginError)) throw error;
          if (error instanceof ConfigError) {
            for (const { where } of error.issues) expect(where).toMatch(/^(p|base)\.yaml:\d+:\d+$/);
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(resolved).toBeGreaterThan(0);
  });

  it('may be a binary file, or none', async () => {
    using folder = new Folder();
    const path = folder.write('p.yaml', '\u0000\u0001\ufffd');
    await expect(load(path, folder.path)).rejects.toThrow(ConfigError);
    await expect(load(join(folder.path, 'none', 'p.yaml'), folder.path)).rejects.toThrow(ConfigError);
  });
});
