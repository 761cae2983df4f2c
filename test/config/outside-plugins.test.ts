import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { loadCatalog, loadPipeline, showPipeline } from '../../core/config/index.js';
import { PluginError } from '../../core/errors/index.js';
import { fakeDefaults, fakePlugin, fakes, fakeStage, least } from './fake-plugins.js';
import { Folder } from './folder.js';
import { load, loaded, start } from './loading.js';

const minimal = (name: string, stage: string) => `
  const schema = { shape: {}, def: {}, safeParse: (value) => ({ success: true, data: {} }) };
  class Stage {}
  const stages = { loss: [{ name: '${stage}', description: '', schema, implementation: Stage }] };
  export default { name: '${name}', apiVersion: 1, stages };
`;
const requiring = (name: string, required: string) =>
  `export default { name: '${name}', apiVersion: 1, requires: ['${required}'], stages: {} };`;

describe('plugins that a pipeline lists', () => {
  it('count from the file that lists them, and provide stages', async () => {
    using folder = new Folder({
      'base/own.mjs': minimal('own', 'mine'),
      'base/base.yaml': `${start}plugins: [./own.mjs]`,
      'p.yaml': 'extends: base/base.yaml\nloss: { use: mine }',
    });
    const pipeline = await load('p.yaml', folder.path);
    expect(pipeline.stages.loss).toMatchObject({ use: 'mine', plugin: 'own' });
    expect(pipeline.plugins).toEqual([join(folder.path, 'base/own.mjs')]);

    using other = new Folder({ 'config.yaml': stringify(showPipeline(pipeline)) });
    expect((await load('config.yaml', other.path)).stages.loss).toMatchObject({ use: 'mine' });
  });

  it('may be npm packages, also for an object and for --set', async () => {
    using folder = new Folder({
      'node_modules/their-plugin/package.json': '{ "name": "their-plugin", "exports": { "import": "./its.mjs" } }',
      'node_modules/their-plugin/its.mjs': minimal('theirs', 'their'),
    });
    const spec = { ...least, loss: { use: 'their' }, plugins: ['their-plugin'] };
    expect((await load(spec, folder.path)).plugins).toEqual(['their-plugin']);
    expect((await load({ ...spec, plugins: [] }, folder.path, ['plugins=[their-plugin]'])).stages.loss.plugin).toBe(
      'theirs',
    );
    const catalog = await loadCatalog({ plugins: ['their-plugin'] }, { plugins: fakes, cwd: folder.path });
    expect(catalog.names('loss')).toEqual(['focal', 'plain', 'their']);
  });

  it('are refused with the position of the entry', async () => {
    await expect(loaded(`${start}plugins: [./none.mjs]`)).rejects.toThrow(
      /^p\.yaml:4:11: There is no plugin file "\.\/none\.mjs"/,
    );
    await expect(loaded(`${start}plugins: [./none.mjs]`)).rejects.toThrow(PluginError);
    await expect(loaded(`${start}plugins: ./none.mjs`)).rejects.toThrow(
      'p.yaml:4:10: plugins: expected a list, each item text',
    );
    await expect(loaded(`${start}plugins: [3]`)).rejects.toThrow('p.yaml:4:11: plugins.0: expected text');
  });

  it.each([
    ['of one name', minimal('data', 'x'), 'p.yaml:4:11: Two plugins are named "data".'],
    ['of one stage', minimal('a', 'plain'), 'p.yaml:4:11: Plugins "learning" and "a" both provide the loss "plain".'],
    ['that lack one', requiring('a', 'none'), 'p.yaml:4:11: Plugin "a" requires plugin "none", which isn\'t loaded.'],
    ['in a circle', requiring('a', 'b'), 'p.yaml:4:11: Plugins require each other in a circle: a -> b -> a.'],
    [
      'of another API',
      "export default { name: 'a', apiVersion: 2, stages: {} };",
      'p.yaml:4:11: Plugin "a" is written ',
    ],
  ])('are refused with the position where they contradict each other: %s', async (_, text, message) => {
    const files = { 'a.mjs': text, 'b.mjs': requiring('b', 'a') };
    const refused = loaded(`${start}plugins: [./a.mjs, ./b.mjs]`, [], files);
    await expect(refused).rejects.toThrow(PluginError);
    await expect(refused).rejects.toThrow(message);
    await expect(loaded(start, ['plugins=[./a.mjs, ./b.mjs]'], files)).rejects.toThrow(
      message.replace(/^[^ ]*/, '--set plugins:'),
    );
  });

  it('harm no pipeline but those that list them', async () => {
    using folder = new Folder({
      'broken.mjs': 'throw new Error("no GPU");',
      'broken.yaml': `${start}plugins: [./broken.mjs]`,
      'whole.yaml': start,
    });
    await expect(load('broken.yaml', folder.path)).rejects.toThrow(
      /^broken\.yaml:4:11: .* fails while it loads: no GPU/,
    );
    expect(await load('whole.yaml', folder.path)).toMatchObject({ plugins: [] });
  });

  it('are pointed to where they would provide a name', async () => {
    const extra = fakePlugin('extra', { model: [fakeStage('wide') as never] });
    const options = { plugins: fakes, known: [extra], defaults: fakeDefaults, cwd: '/' };
    await expect(loadPipeline({ ...least, model: { use: 'wide' } }, options)).rejects.toThrow(
      'model.use: unknown model "wide"\n  Plugin "extra" would provide it: add it to "plugins".',
    );
  });
});
