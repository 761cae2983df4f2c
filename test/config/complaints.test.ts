import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../core/errors/index.js';
import { Folder } from './folder.js';
import { complaint, load, start } from './loading.js';

/** What is wrong with a valid pipeline and more lines from line 4 on. */
const cases: readonly [what: string, lines: string, message: string][] = [
  ['a misspelt top-level key', 'epoch: 3', 'p.yaml:4:1: epoch: unknown key; did you mean "epochs"?'],
  ['a quoted number', 'epochs: "2"', 'p.yaml:4:9: epochs: expected an integer of at least 1, got the text "2"'],
  ['a fraction for an integer', 'epochs: 2.5', 'p.yaml:4:9: epochs: expected an integer of at least 1, got 2.5'],
  ['a number out of range', 'seed: -1', 'p.yaml:4:7: seed: expected an integer from 0 to 4294967295, got -1'],
  ['an infinite number', 'seed: .inf', 'p.yaml:4:7: seed: expected an integer from 0 to 4294967295, got Infinity'],
  ['nothing', 'epochs:', 'p.yaml:4:8: epochs: expected an integer of at least 1, got nothing'],
  [
    'a name that is no folder name',
    'name: ../x',
    'p.yaml:4:7: name: expected a folder name: letters a to z, digits, ".", "_" and "-", the first a letter or digit, got the text "../x"',
  ],
  [
    'a scalar for a stage',
    'loss: focal',
    'p.yaml:4:7: loss: expected a map that names a loss, got the text "focal"\n  Write loss: { use: focal }',
  ],
  [
    'a list for a stage',
    'loss: [focal]',
    'p.yaml:4:7: loss: expected a map that names a loss, got a list of 1\n  Write it like loss: { use: focal }',
  ],
  [
    'an unknown stage',
    'loss: { use: fokal }',
    'p.yaml:4:14: loss.use: unknown loss "fokal"; did you mean "focal" (plugin learning)?\n  Known: focal, plain. Stages from outside need their plugin listed under "plugins".',
  ],
  [
    'a stage of another kind',
    'loss: { use: cosine }',
    'p.yaml:4:14: loss.use: unknown loss "cosine"\n  "cosine" is a stage of another kind: schedule.',
  ],
  ['a stage name that is no text', 'loss: { use: 3 }', 'p.yaml:4:14: loss.use: expected the name of a stage, got 3'],
  [
    'a misspelt key of a stage',
    'loss: { use: focal, gama: 1 }',
    'p.yaml:4:21: loss.gama: unknown key; did you mean "gamma"?',
  ],
  [
    'a key of another stage of the kind',
    'loss: { use: plain, gamma: 1 }',
    'p.yaml:4:21: loss.gamma: unknown key\n  loss "plain" has no such key, but "focal" has.',
  ],
  [
    'a key nobody knows',
    'combiner: { use: sum, colour: red }',
    'p.yaml:4:23: combiner.colour: unknown key\n  Known keys: weight.',
  ],
  [
    'a missing key',
    'auxiliary: { use: random }',
    'p.yaml:4:19: auxiliary.psi: missing: expected an integer of at least 1 or a list of at least 1, each item an integer of at least 1',
  ],
  [
    'no alternative of several',
    'auxiliary: { use: random, psi: "2" }',
    'p.yaml:4:32: auxiliary.psi: expected an integer of at least 1 or a list of at least 1, each item an integer of at least 1, got the text "2"',
  ],
  [
    'one alternative with a bad item',
    'auxiliary: { use: random, psi: [2, 0] }',
    'p.yaml:4:36: auxiliary.psi.1: expected an integer of at least 1, got 0',
  ],
  [
    'a misspelt choice',
    'metaStep: { use: gradient, method: exat, optimizer: { use: adam } }',
    'p.yaml:4:36: metaStep.method: expected one of "exact", "double", got the text "exat"\n  Did you mean "exact"?',
  ],
  [
    'a missing nested stage',
    'metaStep: { use: gradient }',
    'p.yaml:4:18: metaStep.optimizer: missing: expected an optimizer\n  Known: sgd, adam.',
  ],
  [
    'a fault in a nested stage of a nested stage',
    'metaStep:\n  use: gradient\n  optimizer:\n    use: adam\n    learningRate: { use: cosine, initial: fast }',
    'p.yaml:8:43: metaStep.optimizer.learningRate.initial: expected a number of at least 0, got the text "fast"',
  ],
  [
    'text for a nested stage with a short form',
    'metaStep: { use: gradient, optimizer: { use: adam, learningRate: fast } }',
    'p.yaml:4:66: metaStep.optimizer.learningRate: expected a schedule or its short form, got the text "fast"\n  Write learningRate: { use: constant }',
  ],
  [
    'the value of a short form',
    'metaStep: { use: gradient, optimizer: { use: adam, learningRate: -1 } }',
    'p.yaml:4:66: metaStep.optimizer.learningRate.initial: expected a number of at least 0, got -1',
  ],
  [
    'an item of a list of stages',
    'observers:\n  - use: csv\n  - csv',
    'p.yaml:5:10: observers.0.file: missing: expected text that is not empty\np.yaml:6:5: observers.1: expected a map that names an observer, got the text "csv"\n  Write - { use: csv }',
  ],
  [
    'a map for a list of stages',
    'observers: { use: csv }',
    'p.yaml:4:12: observers: expected a list of stages, got a map\n  Write observers: [{ use: ... }].',
  ],
  ['a key written twice', 'epochs: 2\nepochs: 3', 'p.yaml:5:1: this key is written twice'],
  ['an alias without an anchor', 'loss: *other', 'p.yaml:4:7: loss: the alias *other has no anchor before it'],
  [
    'a key of JavaScript',
    'loss: { use: plain, __proto__: { a: 1 } }',
    'p.yaml:4:21: loss.__proto__: this key is not allowed',
  ],
  ['a constructor', 'constructor: 1', 'p.yaml:4:1: constructor: this key is not allowed'],
  ['an unknown tag', 'epochs: !!js/function 3', 'p.yaml:4:9: not YAML: unresolved tag: tag:yaml.org,2002:js/function'],
  ['a second document', '---\nepochs: 3', 'p.yaml:4:1: one file holds one pipeline: remove what follows the "---"'],
];

describe('what a pipeline file is refused for', () => {
  it.each(cases)('%s', async (_, lines, message) => {
    expect(await complaint(start + lines)).toBe(message);
  });

  it('a pipeline without its stages', async () => {
    expect(await complaint('epochs: 3')).toBe(
      [
        'p.yaml:1:1: dataset: missing: every pipeline has one\n  Write dataset: { use: digits }. Known: digits, files.',
        'p.yaml:1:1: model: missing: every pipeline has one\n  Write model: { use: conv }. Known: conv, dense.',
        'p.yaml:1:1: optimizer: missing: every pipeline has one\n  Write optimizer: { use: sgd }. Known: sgd, adam.',
      ].join('\n'),
    );
  });

  it.each([
    ['', 'the file is empty'],
    ['# nothing\n', 'the file is empty'],
    ['- 1', 'a pipeline is a map of keys, not a list'],
    ['text', 'a pipeline is a map of keys, not a single value'],
  ])('a file that is no map: %j', async (text, message) => {
    expect(await complaint(text)).toBe(
      `p.yaml:1:1: ${message}\n  It needs at least: dataset: { use: ... }, model: { use: ... }, optimizer: { use: ... }.`,
    );
  });

  it('text that is no YAML', async () => {
    expect(await complaint('dataset: [1,')).toContain('p.yaml:1:13: not YAML: flow sequence');
    expect(await complaint('['.repeat(50_000))).toMatch(/^p\.yaml:1:\d+: /);
  });

  it('aliases that multiply each other', async () => {
    const lines = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(12)}]`);
    const text = ['a0: &a0 [x]', ...lines.slice(1)].join('\n');
    expect(await complaint(text)).toContain('more than 20000 values, aliases counted');
  });

  it('merge keys, which YAML 1.2 does not have, with the way out', async () => {
    const text = `base: &base { use: sgd }\noptimizer: { <<: *base }`;
    expect(await complaint(text)).toBe(
      'p.yaml:2:14: optimizer: merge keys (<<) are not read: YAML 1.2 has none\n' +
        '  Write the keys out, or put what pipelines share into a file of its own and name it as `extends`.',
    );
    expect(await complaint(`${start}"<<": 1`)).toContain('<<: unknown key');
  });

  it('another version of YAML', async () => {
    expect(await complaint(`%YAML 1.1\n---\n${start}`)).toBe('p.yaml:1:1: a pipeline is YAML 1.2, not 1.1');
  });

  it.each([
    ['lists', `x: ${'['.repeat(100)}${']'.repeat(100)}`, 'values are nested too deeply'],
    [
      'blocks',
      Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}a:`)
        .join('\n')
        .slice(0, 120_000),
      'values are nested too deeply',
    ],
    [
      'aliases',
      ['a0: &a0 [x]', ...Array.from({ length: 999 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`)].join('\n'),
      'values are nested too deeply',
    ],
    ['a very long text', `name: ${'x'.repeat(5000)}`, 'name: 5000 characters of text; 4096 at most'],
    ['a null character', 'plugins: ["a\\0b"]', 'p.yaml:1:11: plugins.0: text with a null character'],
    ['a very long key', `${start}${'x'.repeat(500)}: 1`, 'p.yaml:4:1: a key of 500 characters'],
    ['a very large file', '#'.repeat(2 ** 17 + 1), 'p.yaml has more than 131072 bytes: it is no pipeline'],
    ['very many keys', Array.from({ length: 9000 }, (_, i) => `key${i}: 1`).join('\n'), 'and 8953 more faults'],
    ['very many aliases', `a: &a 1\nb: [${'*a,'.repeat(9_000)}]`, 'p.yaml:1:1: a: unknown key'],
    ['very many syntax errors', '[,'.repeat(20_000), 'not YAML'],
  ])('%s, soon and in few words', async (_, text, message) => {
    const before = performance.now();
    const found = await complaint(text);
    expect(found).toContain(message);
    expect(found.length).toBeLessThan(15_000);
    expect(performance.now() - before).toBeLessThan(15_000);
  });

  it('a device as what it extends, and very many files that extend each other', async () => {
    expect(await complaint('extends: /dev/zero')).toBe(
      'p.yaml:1:10: extends: /dev/zero is a pipe or device, not a pipeline file',
    );
    using folder = new Folder();
    for (let i = 0; i < 50; i++) folder.write(`${i}.yaml`, `extends: ${i + 1}.yaml`);
    await expect(load('0.yaml', folder.path)).rejects.toThrow('more than 32 pipelines extend one another');
  });

  it('an object nested very deeply', async () => {
    let deep: Record<string, unknown> = {};
    for (let depth = 0; depth < 100_000; depth++) deep = { deep };
    await expect(load({ dataset: deep } as never, '/')).rejects.toThrow('values are nested too deeply');
  });

  it('an alias to what contains it', async () => {
    expect(await complaint(`${start}observers: &o [*o]`)).toContain(
      'p.yaml:4:16: observers.0: the alias *o contains itself',
    );
  });

  it('everything at once, each fault once', async () => {
    const text =
      'epochs: 0\nsed: 1\ndataset: { use: digits, batch: 0 }\nmodel: { use: konv }\nloss: { use: focal, gamma: 9 }\nauxiliaryLoss: {}';
    const message = await complaint(text);
    expect(message.match(/^p\.yaml.*?: /gm)).toEqual([
      'p.yaml:2:1: ',
      'p.yaml:1:9: ',
      'p.yaml:3:32: ',
      'p.yaml:4:15: ',
      'p.yaml:5:28: ',
      'p.yaml:1:1: ',
    ]);
  });

  it('an object, without positions', async () => {
    const wrong = load({ dataset: { use: 'digits', batch: 2.5 }, model: { use: 'conv' } }, '/');
    await expect(wrong).rejects.toThrow(ConfigError);
    await expect(wrong).rejects.toMatchObject({
      code: 'config/wrong-type',
      issues: [
        { code: 'config/wrong-type', path: ['dataset', 'batch'], where: undefined },
        { code: 'config/missing-key', path: ['optimizer'], where: undefined },
      ],
    });
  });

  it('an object that contains itself, or things that are no data', async () => {
    const circular: Record<string, unknown> = { use: 'digits' };
    circular['folder'] = circular;
    await expect(load({ dataset: circular } as never, '/')).rejects.toThrow(
      'dataset.folder: the object contains itself',
    );
    await expect(load({ epochs: () => 3 } as never, '/')).rejects.toThrow(
      'epochs: expected an integer of at least 1, got a function',
    );
    await expect(load({ loss: new Date(0) } as never, '/')).rejects.toThrow(
      'loss: expected a map that names a loss, got a map',
    );
  });
});
