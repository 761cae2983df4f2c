import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { injectable, injectFromBase } from 'inversify';
import { batchNorm, chain, conv2d, dense, flatten, maxPool, relu } from '../../core/autodiff/index.js';
import type { Layer, Params, Shape } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { DataError } from '../../core/errors/index.js';
import type { Plugin, StageKind } from '../../core/plugins/index.js';
import type { LookAhead, Model, OptimizerState, Regulariser } from '../../core/stages/index.js';
import { Sgd } from '../../plugins/basics/sgd.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { Maxl } from '../../plugins/maxl/maxl.js';
import { replay } from '../../plugins/maxl/parity/replay.js';
import { readTrace, type Trace } from '../../plugins/maxl/parity/trace.js';

const files = ['a', 'b'].map((letter) => `test/fixtures/maxl-reference-${letter}.json`);
const [first] = files as [string, string];

/** The built-in plugins with another class behind one stage. */
const withStage = (kind: StageKind, name: string, implementation: unknown): Plugin[] =>
  builtIn.map((plugin: Plugin) => {
    const list = plugin.stages[kind]?.map((stage) => (stage.name === name ? { ...stage, implementation } : stage));
    return { ...plugin, stages: { ...plugin.stages, ...(list && { [kind]: list }) } };
  });

describe('parity with the published reference', () => {
  it.each(files)('%s: every quantity agrees, and nothing leaks', async (file) => {
    const trace = await readTrace(file);
    const before = tf.memory().numTensors;
    const report = await replay(trace, builtIn, defaults);
    expect(report.errors).toEqual(
      Object.fromEntries(Object.keys(report.errors).map((key) => [key, expect.any(Number)])),
    );
    expect(Object.keys(report.errors)).toHaveLength(14);
    expect(report.largest).toBeLessThan(1e-4);
    expect(report.passed).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('holds a trace without a conditioning to 1e-4', async () => {
    const { conditioning, ...trace } = await readTrace(first);
    expect(conditioning).toBeDefined();
    expect(await replay(trace, builtIn, defaults)).toMatchObject({ tolerance: 1e-4, passed: true });
  });

  it('refuses a file that is no trace, or is cut short, by name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'auxflow-'));
    const file = join(folder, 'trace.json');
    await writeFile(file, '{"config": {}}');
    await expect(readTrace(file)).rejects.toBeInstanceOf(DataError);
    const whole = JSON.parse(await readFile(first, 'utf8')) as { inputs: { shape: number[] }[] };
    whole.inputs[0]!.shape[0] = 11;
    await writeFile(file, JSON.stringify(whole));
    await expect(readTrace(file)).rejects.toThrow(/trace\.json: trace\.inputs\.0 holds \d+ bytes/);
    await rm(folder, { recursive: true });
  });
});

describe('readTrace', () => {
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

  /** What reading the first trace says once `change` was made to it. */
  async function refusal(change: (trace: Trace) => unknown): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'auxflow-'));
    folders.push(folder);
    const trace = JSON.parse(await readFile(first, 'utf8')) as Trace;
    change(trace);
    await writeFile(join(folder, 'trace.json'), JSON.stringify(trace));
    const error = await readTrace(join(folder, 'trace.json')).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DataError);
    return (error as DataError).message;
  }

  it.each<[string, (trace: Trace) => unknown, RegExp | string]>([
    [
      'widths that its weights lack, before a network is built',
      ({ config }) => (config.filters[4] = 1e9),
      /config asks for float32 \[.*1000000000\]/,
    ],
    [
      'more auxiliary classes than its weights have',
      ({ config }) => (config.psi[0] = 1e9),
      'classifier2.2.weight is float32',
    ],
    [
      'a parameter of another name',
      ({ initial }) => (initial.multiTask['x.0.weight'] = initial.multiTask['block1.0.bias']!),
      'initial.multiTask has a parameter of an unknown name, "x.0.weight"',
    ],
    [
      'a parameter too few',
      ({ afterMeta }) => delete afterMeta.labelGenerator['block1.0.bias'],
      'afterMeta.labelGenerator has no block1.0.bias',
    ],
    [
      'a gradient of other parameters',
      ({ trace }) => (trace.meta[0]!.metaGradient = {}),
      'trace.meta.0.metaGradient has no block1.0.weight',
    ],
    [
      'images of another size',
      ({ inputs }) => (inputs[0]!.shape = [12, 3, 32, 32]),
      'inputs.0 is float32 [12, 3, 32, 32], not float32 [12, 32, 32, 3]',
    ],
    [
      'labels that are no integers',
      ({ primaryLabels }) => (primaryLabels[0]!.dtype = 'float32'),
      'primaryLabels.0 is float32 [12], not int32 [12]',
    ],
    [
      'a label beyond the classes',
      ({ primaryLabels }) =>
        (primaryLabels[0]!.base64 = Buffer.from(Int32Array.from(Array<number>(12).fill(99)).buffer).toString('base64')),
      'primaryLabels holds 99',
    ],
    [
      'more dimensions than TensorFlow counts',
      ({ inputs }) => (inputs[0]!.shape = Array<number>(255).fill(1)),
      'is no trace: inputs.0.shape missing',
    ],
    [
      'very many faults, in few words',
      (trace) => (trace.inputs = Array<number>(10_000).fill(1) as never),
      'inputs.4, ... missing or of the wrong form',
    ],
  ])('refuses %s', async (_, change, message) => {
    const found = await refusal(change);
    expect(found).toMatch(message);
    expect(found.length).toBeLessThan(1000);
  });
});

describe('parity can fail', () => {
  it('when the look-ahead goes the wrong way', async () => {
    @injectable()
    @injectFromBase({ extendConstructorArguments: true })
    class Backwards extends Sgd {
      override lookAhead(params: Params, gradients: Params, state: OptimizerState, rate: number): LookAhead {
        return super.lookAhead(params, gradients, state, -rate);
      }
    }
    const report = await replay(await readTrace(first), withStage('optimizer', 'sgd', Backwards), defaults);
    expect(report.passed).toBe(false);
    expect(report.errors['meta-gradient']).toBeGreaterThan(1e-2);
  });

  it('when the entropy term is dropped', async () => {
    @injectable()
    @injectFromBase({ extendConstructorArguments: true })
    class NoEntropy extends Maxl {
      override readonly regulariser: Regulariser = {
        weight: 0,
        apply: () => tf.scalar(0),
        cotangent: (targets) => tf.zerosLike(targets),
      };
    }
    const report = await replay(await readTrace(first), withStage('auxiliary', 'maxl', NoEntropy), defaults);
    expect(report.passed).toBe(false);
    expect(report.errors['meta-gradient with entropy term']).toBeGreaterThan(1e-4);
  });

  it('when the tangent holds batch statistics constant', async () => {
    /** A batch norm whose pushforward is that of its own affine map at fixed statistics. */
    const frozen = (name: string): Layer => {
      const layer = batchNorm(name);
      return {
        ...layer,
        linearize(variables, x, mode) {
          const point = layer.linearize(variables, x, mode);
          const statistics = tf.tidy(() => {
            const { mean, variance } = tf.moments(x, [0, 1, 2]);
            return { [`${name}/mean`]: mean, [`${name}/variance`]: variance };
          });
          const still = layer.linearize({ params: variables.params, state: statistics }, x, {
            ...mode,
            training: false,
          });
          return {
            ...point,
            pushforward: (tangents, input) => still.pushforward(tangents, input),
            [Symbol.dispose]() {
              point[Symbol.dispose]();
              still[Symbol.dispose]();
              tf.dispose(statistics);
            },
          };
        },
      };
    };
    @injectable()
    class FrozenTangent implements Model {
      trunk(): Layer {
        const widths = [8, 8, 12, 16, 16];
        return chain(
          ...[2, 2, 3, 3, 3].flatMap((depth, b) => [
            ...Array.from({ length: depth }, (_, i) => {
              const name = `trunk/block${b + 1}/${i + 1}`;
              return chain(conv2d(`${name}/conv`, { filters: widths[b]! }), frozen(`${name}/norm`), relu());
            }),
            maxPool(),
          ]),
          flatten(),
        );
      }

      head(name: string, _features: Shape, outputs: number): Layer {
        return chain(dense(`${name}/hidden`, { units: 16 }), relu(), dense(`${name}/logits`, { units: outputs }));
      }
    }
    const report = await replay(await readTrace(first), withStage('model', 'vgg16', FrozenTangent), defaults);
    expect(report.passed).toBe(false);
    expect(report.errors['meta-gradient']).toBeGreaterThan(1e-2);
    expect(report.errors['gradient cosine']).toBeLessThan(1e-4);
  });
});
