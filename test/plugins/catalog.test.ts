import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { Catalog, nearest, nested, nestedKind, path, type Plugin } from '../../core/plugins/index.js';
import { PluginError } from '../../core/errors/index.js';
import { fakePlugin, fakes, fakeStage } from '../config/fake-plugins.js';

const refusal = (...plugins: unknown[]): string => {
  try {
    new Catalog(plugins as Plugin[]);
  } catch (error) {
    if (error instanceof PluginError) return error.message;
    throw error;
  }
  return 'accepted';
};
const model = (name: string) => fakeStage(name) as never;

describe('a catalog', () => {
  const catalog = new Catalog(fakes);

  it('finds stages by kind and name', () => {
    expect(catalog.find('model', 'conv')).toMatchObject({ definition: { name: 'conv' }, plugin: { name: 'networks' } });
    expect(catalog.find('loss', 'conv')).toBeUndefined();
    expect(catalog.find('loss', 'toString')).toBeUndefined();
    expect(catalog.names('optimizer')).toEqual(['sgd', 'adam']);
    expect(catalog.all('optimizer').map(({ plugin }) => plugin.name)).toEqual(['learning', 'learning']);
  });

  it('explains what it does not have', () => {
    expect(catalog.missing('optimizer', 'SDG')).toEqual({
      message: 'unknown optimizer "SDG"; did you mean "sgd" (plugin learning)?',
      hint: 'Known: sgd, adam. Stages from outside need their plugin listed under "plugins".',
    });
    expect(catalog.missing('optimizer', 'cosine')).toEqual({
      message: 'unknown optimizer "cosine"',
      hint: '"cosine" is a stage of another kind: schedule.',
    });
    const sparse = new Catalog([], [fakePlugin('more', { model: [model('wide')] })]);
    expect(sparse.missing('model', 'wide').hint).toBe('Plugin "more" would provide it: add it to "plugins".');
    expect(sparse.missing('model', 'far').hint).toContain('No loaded plugin provides a stage of this kind.');
  });

  it.each<[message: string, ...plugins: unknown[]]>([
    ['Two plugins are named "a".', fakePlugin('a'), fakePlugin('b'), fakePlugin('a')],
    ['Plugin "a" is written for API version 2; this auxflow has version 1.', fakePlugin('a', {}, { apiVersion: 2 })],
    ['Plugin "a" is written for API version 0; this auxflow has version 1.', fakePlugin('a', {}, { apiVersion: 0 })],
    [
      'Plugin "a" requires plugin "bases", which isn\'t loaded; did it mean "base"?',
      fakePlugin('base'),
      fakePlugin('a', {}, { requires: ['bases'] }),
    ],
    ['Plugin "a" requires plugin "else", which isn\'t loaded.', fakePlugin('a', {}, { requires: ['else'] })],
    [
      'Plugins require each other in a circle: b -> c -> d -> b.',
      fakePlugin('a', {}, { requires: ['b'] }),
      fakePlugin('b', {}, { requires: ['c'] }),
      fakePlugin('c', {}, { requires: ['d'] }),
      fakePlugin('d', {}, { requires: ['b'] }),
    ],
    ['Plugins require each other in a circle: a -> a.', fakePlugin('a', {}, { requires: ['a'] })],
    [
      'Plugins "a" and "b" both provide the model "x".',
      fakePlugin('a', { model: [model('x')] }),
      fakePlugin('b', { model: [model('x')] }),
    ],
    ['Plugin "a" provides the model "x" twice.', fakePlugin('a', { model: [model('x'), model('x')] })],
    ["An entry of the plugin list isn't a plugin.", undefined],
    ["An entry of the plugin list isn't a plugin.", { name: 'a' }],
    ['Plugin "a" states no apiVersion.', { name: 'a', stages: {} }],
    ['The version of plugin "a" isn\'t text.', fakePlugin('a', {}, { version: 2 as never })],
    [
      "An entry of the plugin list can't be read: not now",
      {
        ...fakePlugin('a'),
        get version() {
          throw new Error('not now');
        },
      },
    ],
    ['The "requires" of plugin "a" isn\'t a list of plugin names.', fakePlugin('a', {}, { requires: 'b' as never })],
    [
      'Plugin "a" provides stages of an unknown kind "modle"; did it mean "model"?',
      fakePlugin('a', { modle: [] } as never),
    ],
    ['The model stages of plugin "a" aren\'t a list.', fakePlugin('a', { model: {} as never })],
    ['The model 1 of plugin "a" has no name.', fakePlugin('a', { model: [{}] as never })],
    [
      'The model 1 of plugin "a", "x", has no class as its implementation.',
      fakePlugin('a', { model: [{ name: 'x' }] as never }),
    ],
    [
      'The model 1 of plugin "a", "x", has a description that isn\'t text.',
      fakePlugin('a', { model: [{ name: 'x', description: 3, implementation: class {} }] as never }),
    ],
    [
      'The model 1 of plugin "a", "x", has defaults that aren\'t a function.',
      fakePlugin('a', { model: [{ name: 'x', implementation: class {}, defaults: {} }] as never }),
    ],
    [
      'The model 1 of plugin "a", "x", has no zod object as its schema.',
      fakePlugin('a', { model: [{ name: 'x', implementation: class {} }] as never }),
    ],
    [
      'The model 1 of plugin "a", "x", has a key "use", which is the pipeline\'s own.',
      fakePlugin('a', { model: [fakeStage('x', { use: z.string() })] as never }),
    ],
  ])('refuses: %s', (message, ...plugins) => {
    expect(refusal(...plugins)).toBe(message);
  });

  it('accepts one name in two kinds, and requirements in any order', () => {
    const both = fakePlugin('a', { model: [model('x')], loss: [model('x')] }, { requires: ['b'] });
    expect(refusal(both, fakePlugin('b'))).toBe('accepted');
  });
});

describe('the nearest name', () => {
  it('is a small step away, whatever the case', () => {
    expect(nearest('sdg', ['adam', 'sgd'])).toBe('sgd');
    expect(nearest('ADAM', ['adam', 'sgd'])).toBe('adam');
    expect(nearest('entropyweight', ['psi', 'entropyWeight'])).toBe('entropyWeight');
    expect(nearest('lbfgs', ['adam', 'sgd'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  it('of a name with one letter changed is that name', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(11), (name, at) => {
        const i = at % name.length;
        expect(nearest(`${name.slice(0, i)}#${name.slice(i + 1)}`, ['0', '12345678901234', name])).toBe(name);
      }),
    );
  });
});

describe('marked keys', () => {
  it('are known through describe, optional and defaults', () => {
    const shorthand = () => ({ use: 'x' });
    const schema = nested('schedule', shorthand);
    const forms = [
      schema,
      schema.describe('d'),
      schema.optional(),
      schema.describe('d').optional().describe('e'),
      schema.prefault(1),
    ];
    for (const form of forms) expect(nestedKind(form)).toEqual({ kind: 'schedule', shorthand });
    for (const form of [path(), z.string(), z.string().optional(), z.custom(() => true)])
      expect(nestedKind(form)).toBeUndefined();
  });
});
