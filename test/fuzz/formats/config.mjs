import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { evilNames, mutated, often } from '../mutate.mjs';

const scalar = fc.oneof(
  { arbitrary: fc.constantFrom(0, 1, 2, -1, 0.5, 1e308, NaN, Infinity, true, null, '', 'x', 2 ** 53), weight: 3 },
  { arbitrary: evilNames, weight: 1 },
  { arbitrary: often.map((times) => 'x'.repeat(times)), weight: 1 },
);
const stage = fc
  .tuple(
    fc.constantFrom(
      'mnist',
      'idx',
      'csv',
      'conv4',
      'mlp',
      'vgg16',
      'sgd',
      'adam',
      'focal',
      'maxl',
      'meta-gradient',
      'none',
      'cosine',
      'sgdd',
      'constructor',
      '__proto__',
    ),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          'train',
          'batch',
          'learningRate',
          'optimizer',
          'psi',
          'method',
          'levels',
          'initial',
          'file',
          'augment',
        ),
        evilNames,
      ),
      fc.oneof(
        scalar,
        fc.array(scalar, { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('use', 'even', '__proto__'), scalar, { maxKeys: 2 }),
      ),
      { maxKeys: 3 },
    ),
  )
  .map(([use, keys]) => ({ use, ...keys }));
const valid = { dataset: { use: 'mnist' }, model: { use: 'conv4' }, optimizer: { use: 'sgd', learningRate: 0.1 } };
const tree = fc
  .tuple(
    fc.boolean(),
    fc.dictionary(
      fc.oneof(
        {
          arbitrary: fc.constantFrom('name', 'seed', 'epochs', 'runs', 'plugins', 'extends', 'observers', 'evaluation'),
          weight: 2,
        },
        {
          arbitrary: fc.constantFrom(
            'dataset',
            'model',
            'optimizer',
            'loss',
            'auxiliary',
            'metaStep',
            'combiner',
            'auxiliaryLoss',
          ),
          weight: 3,
        },
        { arbitrary: evilNames, weight: 1 },
      ),
      fc.oneof(
        { arbitrary: stage, weight: 4 },
        { arbitrary: scalar, weight: 2 },
        { arbitrary: fc.array(fc.oneof(stage, evilNames), { maxLength: 3 }), weight: 1 },
        {
          arbitrary: fc.constantFrom(
            'base.yaml',
            'pipeline.yaml',
            '.',
            '/dev/zero',
            '../../nowhere.yaml',
            './plugin.js',
          ),
          weight: 1,
        },
      ),
      { maxKeys: 4 },
    ),
  )
  .map(([whole, keys]) => ({ ...(whole && valid), ...keys }));

/** Pieces of YAML in any order. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'dataset',
        'model',
        ': ',
        ':\n  ',
        '\n',
        '- ',
        '? ',
        '{',
        '}',
        '[',
        ']',
        ', ',
        '&a ',
        '*a',
        '<<: *a',
        '!!map ',
        '!x ',
        '|\n ',
        '>',
        '"',
        "'",
        '#',
        '%YAML 1.1\n',
        '---\n',
        '...\n',
        '\t',
        '\0',
        '0x10',
        '.nan',
        '~',
        'use: sgd',
        '\uFEFF',
      ),
      evilNames,
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(''));

const laughs = (/** @type {number} */ depth) =>
  [
    'a0: &a0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: depth }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`),
  ].join('\n');
/** Text that is small and means much: aliases of aliases, deep nesting, very many keys, aliases or faults. */
const bomb = fc.oneof(
  fc.nat(30).map(laughs),
  often.map((times) => `x: ${'['.repeat(times)}${']'.repeat(times)}`),
  often.map((times) => `${'{a: '.repeat(times)}1${'}'.repeat(times)}`),
  often.map((times) =>
    Array.from({ length: times + 1 }, (_, depth) => `${' '.repeat(Math.min(depth, 900))}a:`).join('\n'),
  ),
  often.map((times) => `a: &a 1\nb: [${'*a, '.repeat(times)}]`),
  often.map((times) =>
    [`a0: &a0 [x]`, ...Array.from({ length: times }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`)].join('\n'),
  ),
  often.map((times) => Array.from({ length: times + 1 }, (_, i) => `key${i}: 1`).join('\n')),
  often.map(
    (times) =>
      `dataset: { use: mnist, levels: { ${Array.from({ length: times + 1 }, (_, i) => `l${i}: 1`).join(', ')} } }`,
  ),
  often.map((times) => `- ${'? '.repeat(times)}`),
  often.map((times) => `&a ${'- '.repeat(Math.min(times, 3000))}*a`),
  often.map((times) => `seed: ${'9'.repeat(times + 1)}\nname: "${'\\x41'.repeat(times)}"`),
  often.map((times) => '- *a\n'.repeat(times)),
  fc.constantFrom(
    'base: &a { use: sgd }\noptimizer: { <<: *a }',
    '%YAML 1.1\n---\noptimizer: { <<: { use: sgd } }',
    '"<<": 1',
  ),
);

const file = fc.oneof(
  { arbitrary: tree.map((value) => stringify(value)), weight: 12 },
  {
    arbitrary: fc
      .record(
        { seed: fc.nat(), epochs: fc.nat(3), name: fc.oneof(fc.constant('mine'), evilNames), runs: evilNames },
        { requiredKeys: [] },
      )
      .map((keys) => stringify({ ...valid, ...keys })),
    weight: 6,
  },
  { arbitrary: mutated(tree.map((value) => Buffer.from(stringify(value)))), weight: 6 },
  { arbitrary: soup, weight: 8 },
  { arbitrary: bomb, weight: 2 },
);
const key = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'dataset',
        'optimizer',
        'learningRate',
        'use',
        'observers',
        '0',
        'plugins',
        '99999999999',
        '-1',
        'levels',
      ),
      evilNames,
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((keys) => keys.join('.'));
const set = fc.oneof(
  {
    arbitrary: fc
      .tuple(
        key,
        fc.oneof(
          scalar.map(String),
          soup,
          stage.map((value) => stringify(value, { collectionStyle: 'flow' })),
        ),
      )
      .map((pair) => pair.join('=')),
    weight: 12,
  },
  { arbitrary: fc.string(), weight: 1 },
  { arbitrary: often.map((times) => `${'a.'.repeat(times)}b=1`), weight: 1 },
);

/** @type {import('./index.mjs').Format} */
export const configFormat = {
  name: 'config',
  inputs: fc.record({
    files: fc.record({ 'pipeline.yaml': file, 'base.yaml': file }),
    options: fc.record({
      set: fc.oneof(
        { arbitrary: fc.constant([]), weight: 2 },
        { arbitrary: fc.array(set, { maxLength: 2 }), weight: 1 },
      ),
      name: fc.oneof(
        { arbitrary: fc.constant('fine'), weight: 2 },
        { arbitrary: evilNames, weight: 1 },
        { arbitrary: fc.string({ unit: 'binary' }), weight: 1 },
      ),
    }),
  }),
  async read({ loadPipeline, createRunFolder, builtIn, defaults }, folder, { options: { set, name } }) {
    const runs = join(folder, 'runs');
    const inside = async (/** @type {string} */ wanted) => {
      const made = await createRunFolder(runs, wanted);
      if (dirname(dirname(made)) !== runs) throw new Error(`the run folder ${made} is outside of ${runs}`);
    };
    const pipeline = await loadPipeline('pipeline.yaml', { plugins: builtIn, defaults, set, cwd: folder });
    await inside(pipeline.name);
    await inside(name);
  },
};
