import { afterAll, describe, expect, it } from '@jest/globals';
import { PluginError } from '../../core/errors/index.js';
import { Catalog, loadPlugins, type Plugin } from '../../core/plugins/index.js';
import { Folder } from '../config/folder.js';

const plugin = (name: string) => `{ name: '${name}', apiVersion: 1, stages: {} }`;
const folder = new Folder({
  'own.mjs': `export default ${plugin('own')};`,
  'own.cjs': `module.exports = ${plugin('common')};`,
  'transpiled.cjs': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = ${plugin('transpiled')};`,
  'named.mjs': `export const plugin = ${plugin('named')};`,
  'other.mjs': 'export default { name: 3 };',
  'throws.mjs': 'throw new Error("no GPU");',
  'throws-text.mjs': 'throw "no GPU";',
  'broken.mjs': 'export default {;',
  'broken.cjs': 'const a = 1;\n\nmodule.exports = {;',
  'broken within.mjs': 'export default 1;\nexport default {;',
  'getter.mjs': "export default { apiVersion: 1, stages: {}, get name() { throw new Error('no name yet'); } };",
  'proxy.mjs': "export default new Proxy({}, { get() { throw 'nothing'; } });",
  'deep.mjs':
    "export default { name: 'deep', apiVersion: 1, stages: { model: [{ get name() { throw new Error('later'); } }] } };",
  'default.cjs': "module.exports = { __esModule: true, get default() { throw new Error('none'); } };",
  'typed.ts': 'export default {} as const;',
  'package/package.json': '{ "exports": { "import": "./entry.mjs" } }',
  'package/entry.mjs': `export default ${plugin('package')};`,
  'empty/notes.txt': '',
  'node_modules/damaged/package.json': '{ "main": ',
  'node_modules/nothing/package.json': 'null',
  'folder/index.js': `module.exports = ${plugin('folder')};`,
  'node_modules/common-package/package.json': '{ "main": "lib/main.js" }',
  'node_modules/common-package/lib/main.js': `module.exports = ${plugin('common-package')};`,
  'node_modules/@they/esm/package.json':
    '{ "type": "module", "exports": { ".": { "types": "./x.d.ts", "import": "./main.js" }, "./sub": "./sub.js" } }',
  'node_modules/@they/esm/main.js': `export default ${plugin('esm-package')};`,
  'node_modules/@they/esm/sub.js': `export default ${plugin('esm-sub')};`,
  'below/pipeline.yaml': '',
});
afterAll(() => folder[Symbol.dispose]());

const namesOf = async (...specifiers: string[]) =>
  (await loadPlugins(specifiers, `${folder.path}/below`)).map(({ name }) => name);

describe('plugins from outside', () => {
  it('are files by their path, ESM or CommonJS', async () => {
    expect(
      await namesOf(
        '../own.mjs',
        '../own.cjs',
        '../transpiled.cjs',
        `${folder.path}/own.mjs`,
        '../folder',
        '../package',
      ),
    ).toEqual(['own', 'common', 'transpiled', 'own', 'folder', 'package']);
  });

  it('are packages found from the folder upwards, also those that only import may load', async () => {
    expect(await namesOf('common-package', '@they/esm', '@they/esm/sub')).toEqual([
      'common-package',
      'esm-package',
      'esm-sub',
    ]);
  });

  it.each([
    ['./none.mjs', 'plugin/not-found', 'There is no plugin file "./none.mjs": '],
    ['no-such-package', 'plugin/not-found', 'Plugin "no-such-package" isn\'t installed where '],
    ['@they/esm/hidden', 'plugin/not-found', 'Plugin "@they/esm/hidden" isn\'t installed where '],
    ['../named.mjs', 'plugin/no-default-export', 'Plugin "../named.mjs" has no default export.'],
    ['../other.mjs', 'plugin/invalid', 'What "../other.mjs" exports isn\'t a plugin.'],
    ['../throws.mjs', 'plugin/load', 'Plugin "../throws.mjs" fails while it loads: no GPU'],
    ['../throws-text.mjs', 'plugin/load', 'Plugin "../throws-text.mjs" fails while it loads: no GPU'],
    ['../broken.mjs', 'plugin/load', `fails while it loads: ${folder.path}/broken.mjs:1: Unexpected token`],
    ['../broken.cjs', 'plugin/load', `fails while it loads: ${folder.path}/broken.cjs:3: Unexpected token`],
    ['../broken within.mjs', 'plugin/load', `fails while it loads: ${folder.path}/broken within.mjs:2: `],
    ['../getter.mjs', 'plugin/invalid', 'What "../getter.mjs" exports can\'t be read: no name yet'],
    ['../proxy.mjs', 'plugin/invalid', 'What "../proxy.mjs" exports can\'t be read: nothing'],
    ['../deep.mjs', 'plugin/invalid', 'What "../deep.mjs" exports can\'t be read: later'],
    ['../default.cjs', 'plugin/load', 'Plugin "../default.cjs" fails while it loads: none'],
    ['fs', 'plugin/not-found', '"fs" is a module of Node\'s own, not a plugin.'],
    ['node:fs', 'plugin/not-found', '"node:fs" is a module of Node\'s own, not a plugin.'],
    ['../empty', 'plugin/not-found', 'empty is a folder without a package.json that names its entry.'],
    ['damaged', 'plugin/package', 'damaged/package.json of a plugin is not JSON: '],
    ['nothing', 'plugin/not-found', 'Plugin "nothing" isn\'t installed where '],
  ])('%s is refused', async (specifier, code, message) => {
    const error: unknown = await namesOf(specifier).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as unknown });
  });

  it('say the way out', async () => {
    await expect(namesOf('pipeline.yaml')).rejects.toMatchObject({
      hint: 'For the file beside the pipeline write "./pipeline.yaml".',
    });
    await expect(namesOf('no-such-package')).rejects.toMatchObject({
      hint: 'Run "npm install no-such-package" there.',
    });
    const file = (name: string) => `${folder.path}/${name}`;
    await expect(namesOf('../throws.mjs')).rejects.toMatchObject({
      hint: `Correct ${file('throws.mjs')}, or take it off "plugins".`,
    });
    await expect(namesOf('../named.mjs')).rejects.toMatchObject({
      hint: expect.stringContaining(`End ${file('named.mjs')} with`),
    });
  });
});

describe('plugins from files that contradict each other', () => {
  const value = (name: string, more: object = {}) => ({ name, apiVersion: 1, stages: {}, ...more });
  const hintFor = async (file: string, text: string, ...others: object[]): Promise<string | undefined> => {
    const path = folder.write(file, text);
    const loaded = await loadPlugins([path], folder.path);
    try {
      new Catalog([...(others as Plugin[]), ...loaded]);
    } catch (error) {
      if (error instanceof PluginError) return error.hint;
      throw error;
    }
    throw new Error('accepted');
  };

  it.each([
    ['of one name', "export default { name: 'a', apiVersion: 1, stages: {} };", value('a')],
    ['of another API', "export default { name: 'b', apiVersion: 2, stages: {} };", value('a')],
    ['that lack one', "export default { name: 'b', apiVersion: 1, requires: ['c'], stages: {} };", value('a')],
    [
      'in a circle',
      "export default { name: 'b', apiVersion: 1, requires: ['a'], stages: {} };",
      value('a', { requires: ['b'] }),
    ],
  ])('%s: the hint names the file', async (title, text, other) => {
    const file = `${title.replaceAll(' ', '-')}.mjs`;
    expect(await hintFor(file, text, other)).toMatch(new RegExp(` "[ab]" is ${folder.path}/${file}\\.$`));
  });
});
