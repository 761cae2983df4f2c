import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ResolvedStage } from '../../core/config/index.js';
import { Folder } from './folder.js';
import { load, loaded, start } from './loading.js';

const configOf = ({ use, config, nested }: ResolvedStage): object => ({
  use,
  ...config,
  ...Object.fromEntries(Object.entries(nested).map(([key, stage]) => [key, configOf(stage)])),
});

const base = `${start}auxiliary: { use: learned, psi: 5, entropyWeight: 0.3 }
epochs: 7
`;

describe('defaults', () => {
  it('fill in what is not said', async () => {
    const pipeline = await loaded(start);
    expect(pipeline).toMatchObject({ name: 'p', seed: 1, epochs: 10, gradientCosine: 1, plugins: [], observers: [] });
    expect(configOf(pipeline.stages.dataset)).toEqual({ use: 'digits', batch: 50 });
    expect(configOf(pipeline.stages.auxiliary)).toEqual({ use: 'single' });
    expect(pipeline.stages.combiner.plugin).toBe('learning');
  });

  it('the auxiliary loss is the primary one, changed by what is said of it', async () => {
    const { stages } = await loaded(`${start}loss: { use: focal, gamma: 1 }`);
    expect(stages.auxiliaryLoss).toBe(stages.loss);
    const changed = await loaded(`${start}loss: { use: focal, gamma: 1 }\nauxiliaryLoss: { gamma: 0 }`);
    expect(configOf(changed.stages.loss)).toEqual({ use: 'focal', gamma: 1 });
    expect(configOf(changed.stages.auxiliaryLoss)).toEqual({ use: 'focal', gamma: 0 });
    const other = await loaded(`${start}loss: { use: focal, gamma: 1 }\nauxiliaryLoss: { use: plain }`);
    expect(configOf(other.stages.auxiliaryLoss)).toEqual({ use: 'plain' });
  });

  it('a number stands for a constant schedule', async () => {
    const { stages } = await loaded(start);
    expect(configOf(stages.optimizer)).toEqual({
      use: 'sgd',
      momentum: 0,
      learningRate: { use: 'constant', initial: 0.1 },
    });
  });

  it('a nested stage has the default of its key', async () => {
    const { stages } = await loaded(start, ['optimizer={ use: adam }']);
    expect(configOf(stages.optimizer)).toMatchObject({ learningRate: { initial: 0.1 } });
    const { stages: others } = await loaded(`${start}metaStep: { use: gradient, optimizer: { use: adam } }`);
    expect(configOf(others.metaStep)).toMatchObject({
      optimizer: { learningRate: { use: 'constant', initial: 0.001 } },
    });
  });

  it('an optional nested stage may be left out', async () => {
    expect((await loaded(base)).stages.auxiliary.nested).toEqual({});
  });
});

describe('a file that extends another', () => {
  const over = (text: string) => loaded(`extends: base.yaml\n${text}`, [], { 'base.yaml': base });

  it('has what the other says, changed key by key', async () => {
    const { stages, epochs } = await over('auxiliary: { psi: [2, 3] }');
    expect(configOf(stages.auxiliary)).toEqual({ use: 'learned', psi: [2, 3], entropyWeight: 0.3 });
    expect(epochs).toBe(7);
  });

  it('swaps a stage by one line: keys that the new stage knows stay, others go', async () => {
    const { stages } = await over('auxiliary: { use: random }');
    expect(configOf(stages.auxiliary)).toEqual({ use: 'random', psi: 5 });
  });

  it('is strict with its own keys', async () => {
    await expect(over('auxiliary: { use: random, entropyWeight: 1 }')).rejects.toThrow(
      'p.yaml:2:27: auxiliary.entropyWeight: unknown key\n  auxiliary "random" has no such key, but "learned" has.',
    );
  });

  it('keeps nested stages in the same way', async () => {
    const { stages } = await over('optimizer: { learningRate: { use: cosine, final: 0.01 } }');
    expect(configOf(stages.optimizer)).toMatchObject({ learningRate: { use: 'cosine', initial: 0.1, final: 0.01 } });
  });

  it('replaces lists', async () => {
    const files = { 'base.yaml': `${start}observers: [{ use: csv, file: a }, { use: csv, file: b }]` };
    const { observers } = await loaded('extends: base.yaml\nobservers: [{ use: csv, file: c }]', [], files);
    expect(observers).toHaveLength(1);
  });

  it('merges free maps', async () => {
    const files = { 'base.yaml': start.replace('sgd, learningRate: 0.1', 'adam, betas: { a: 1, b: 2 }') };
    const { stages } = await loaded('extends: base.yaml\noptimizer: { betas: { b: 3 } }', [], files);
    expect(stages.optimizer.config).toEqual({ betas: { a: 1, b: 3 } });
  });

  it('may extend a file that extends a third, each relative to itself', async () => {
    using folder = new Folder({
      'deep/er/base.yaml': base,
      'deep/middle.yaml': 'extends: er/base.yaml\nauxiliary: { use: random }',
      'top.yaml': 'extends: deep/middle.yaml\nauxiliary: { use: learned }',
    });
    const { stages, name } = await load('top.yaml', folder.path);
    expect(configOf(stages.auxiliary)).toEqual({ use: 'learned', psi: 5, entropyWeight: 0.3 });
    expect(name).toBe('top');
  });

  it('may be an object', async () => {
    using folder = new Folder({ 'base.yaml': base });
    expect(await load({ extends: 'base.yaml', seed: 4 }, folder.path)).toMatchObject({ seed: 4, epochs: 7 });
  });

  it('reports faults of the base where they are', async () => {
    const files = { 'base.yaml': `${start}epochs: many` };
    await expect(loaded('extends: base.yaml', [], files)).rejects.toThrow('base.yaml:4:9: epochs: expected an integer');
  });

  it('is refused where files extend each other in a circle', async () => {
    const files = { 'a.yaml': 'extends: b.yaml', 'b.yaml': '# two\nextends: a.yaml' };
    await expect(loaded('extends: a.yaml', [], files)).rejects.toThrow(
      'b.yaml:2:10: extends: pipelines extend each other in a circle: a.yaml -> b.yaml -> a.yaml',
    );
    await expect(loaded('extends: p.yaml')).rejects.toThrow(
      'p.yaml:1:10: extends: pipelines extend each other in a circle: p.yaml -> p.yaml',
    );
  });

  it('is refused where the base is missing or no path', async () => {
    await expect(loaded('extends: bse.yaml', [], { 'base.yaml': base })).rejects.toThrow(
      'p.yaml:1:10: extends: there is no file bse.yaml\n  Did you mean base.yaml?',
    );
    await expect(loaded('extends: .', [], {})).rejects.toThrow(
      /p\.yaml:1:10: extends: .* is a folder, not a pipeline file/,
    );
    await expect(loaded('extends: 3')).rejects.toThrow(
      'p.yaml:1:10: extends: expected the path of another pipeline file',
    );
  });
});

describe('--set', () => {
  const set = async (...options: string[]) => (await loaded(base, options)).stages;

  it('changes keys of stages and of nested stages', async () => {
    expect(configOf((await set('dataset.batch=20')).dataset)).toMatchObject({ batch: 20 });
    expect((await loaded(base, ['epochs=3', 'seed=9', 'name=x'])).epochs).toBe(3);
  });

  it.each([
    'optimizer.learningRate=0.5',
    'optimizer.learningRate.initial=0.5',
    'optimizer.learningRate={ initial: 0.5 }',
  ])('changes a learning rate that is a number: %s', async (option) => {
    expect((await set(option)).optimizer.nested['learningRate']).toMatchObject({
      use: 'constant',
      config: { initial: 0.5 },
    });
  });

  it('gives a number another schedule', async () => {
    const { optimizer } = await set('optimizer.learningRate.use=cosine');
    expect(optimizer.nested['learningRate']).toMatchObject({ use: 'cosine', config: { initial: 0.1, final: 0 } });
  });

  it('swaps a stage, and is strict with what it adds', async () => {
    expect(configOf((await set('auxiliary.use=random')).auxiliary)).toEqual({ use: 'random', psi: 5 });
    await expect(set('auxiliary.use=random', 'auxiliary.entropyWeight=1')).rejects.toThrow(
      '--set auxiliary.entropyWeight: unknown key',
    );
    await expect(set('auxiliary.entropyWeight=1', 'auxiliary.use=random')).rejects.toThrow('unknown key');
  });

  it('takes YAML, the later one on top', async () => {
    expect((await set('auxiliary.psi=[1, 2]')).auxiliary.config).toMatchObject({ psi: [1, 2] });
    expect((await set('auxiliary={ use: random, psi: 2 }', 'auxiliary.psi=3')).auxiliary.config).toEqual({ psi: 3 });
    expect((await loaded(base, ['name="7"'])).name).toBe('7');
  });

  it('changes items of lists', async () => {
    const text = `${start}observers: [{ use: csv, file: a }, { use: csv, file: b }]\nauxiliary: { use: random, psi: [1, 2] }`;
    const { observers, stages } = await loaded(text, ['observers.1.every=4', 'auxiliary.psi.0=9']);
    expect(observers.map(({ config }) => config['every'])).toEqual([1, 4]);
    expect(stages.auxiliary.config).toEqual({ psi: [9, 2] });
    await expect(loaded(text, ['observers.2.every=4'])).rejects.toThrow(
      '--set observers.2.every: observers.2: there is no item "2" in a list of 2\n  Items are numbered from 0 to 1.',
    );
    await expect(loaded(text, ['auxiliary.psi.x=4'])).rejects.toThrow('there is no item "x" in a list of 2');
    await expect(loaded(start, ['observers.0.every=4'])).rejects.toThrow('there is no item "0" in a list of 0');
  });

  it.each([
    ['epochs', '--set epochs: expected KEY=VALUE\n  Such as --set optimizer.learningRate=0.1.'],
    ['=3', '--set =3: expected KEY=VALUE'],
    ['a..b=3', '--set a..b=3: expected KEY=VALUE'],
    ['epocs=3', '--set epocs: unknown key; did you mean "epochs"?'],
    ['optimizer.momentun=0', '--set optimizer.momentun: unknown key; did you mean "momentum"?'],
    ['epochs="3"', '--set epochs: expected an integer of at least 1, got the text "3"'],
    ['epochs=', '--set epochs: expected an integer of at least 1, got nothing'],
    ['epochs=[1', '--set epochs: not YAML: '],
    ['epochs.x=1', '--set epochs.x: epochs: expected an integer of at least 1, got a map'],
    ['__proto__.x=1', '--set __proto__.x: this key is not allowed'],
    ['loss={ constructor: { x: 1 } }', 'loss.constructor: this key is not allowed'],
    ['loss.__proto__.x=1', '--set loss.__proto__.x: this key is not allowed'],
    [
      'extends=x.yaml',
      "--set extends: what a pipeline extends can't be set\n  Write a file that extends the other base.",
    ],
  ])('is refused: %s', async (option, message) => {
    await expect(set(option)).rejects.toThrow(message);
  });

  it('is refused where it is longer than any change', async () => {
    await expect(set(`${'a.'.repeat(50_000)}b=1`)).rejects.toThrow('a.a....: longer than any change: 50001 keys');
    await expect(set('x'.repeat(50_000))).rejects.toThrow(/^--set x{40}\.\.\.: longer than any change/);
  });
});

describe('paths', () => {
  it('count from the file they stand in', async () => {
    using folder = new Folder({
      'base/base.yaml': 'dataset: { use: files, images: ./a.idx, more: [{ at: b }], source: c }\nruns: out',
      'top/p.yaml':
        'extends: ../base/base.yaml\nmodel: { use: conv }\noptimizer: { use: adam }\ndataset: { source: web }',
    });
    const { stages, runs } = await load('top/p.yaml', folder.path);
    expect(runs).toBe(join(folder.path, 'base/out'));
    expect(stages.dataset.config).toEqual({
      images: join(folder.path, 'base/a.idx'),
      more: [{ at: join(folder.path, 'base/b'), weight: 1 }],
      source: 'web',
      cache: join(folder.path, 'cache'),
    });
  });

  it('count from the working folder for --set, objects and defaults', async () => {
    using folder = new Folder({ 'sub/p.yaml': `${start}observers: [{ use: csv, file: x }]` });
    const { stages, runs, observers } = await load('sub/p.yaml', folder.path, [
      'dataset.folder=here',
      'observers.0.file=y',
    ]);
    expect(stages.dataset.config['folder']).toBe(join(folder.path, 'here'));
    expect(observers[0]!.config['file']).toBe(join(folder.path, 'y'));
    expect(runs).toBe(join(folder.path, 'runs'));
    const object = await load(
      { dataset: { use: 'files', images: '/abs', source: './d' }, model: { use: 'conv' }, optimizer: { use: 'adam' } },
      '/project',
    );
    expect(object.stages.dataset.config).toMatchObject({
      images: '/abs',
      source: '/project/d',
      cache: '/project/cache',
    });
  });

  it('a name is made of the file name', async () => {
    using folder = new Folder({ '.my pipeline (2).yaml': start });
    expect((await load('.my pipeline (2).yaml', folder.path)).name).toBe('my-pipeline-2-');
  });

  it('a file that is not there has a neighbour', async () => {
    using folder = new Folder({ 'sub/quick.yaml': start });
    await expect(load('sub/quik.yaml', folder.path)).rejects.toThrow(
      'there is no file sub/quik.yaml\n  Did you mean sub/quick.yaml?',
    );
    await expect(load('/nowhere/at/all.yaml', folder.path)).rejects.toThrow('there is no file /nowhere/at/all.yaml');
  });
});
