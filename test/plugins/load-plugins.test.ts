import { afterAll, describe, expect, it } from '@jest/globals';
import { PluginError } from '../../core/errors/index.js';
import { loadPlugins } from '../../core/plugins/index.js';
import { Folder } from '../config/folder.js';

const plugin = (name: string) => `{ name: '${name}', apiVersion: 1, stages: {} }`;
const folder = new Folder({
  'own.mjs': `export default ${plugin('own')};`,
  'own.cjs': `module.exports = ${plugin('common')};`,
  'transpiled.cjs': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = ${plugin('transpiled')};`,
  'named.mjs': `export const plugin = ${plugin('named')};`,
  'other.mjs': 'export default { name: 3 };',
  'throws.mjs': 'throw new Error("no GPU");',
  'typed.ts': 'export default {} as const;',
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
      await namesOf('../own.mjs', '../own.cjs', '../transpiled.cjs', `${folder.path}/own.mjs`, '../folder'),
    ).toEqual(['own', 'common', 'transpiled', 'own', 'folder']);
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
  });
});
