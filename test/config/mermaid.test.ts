import { expect, it } from '@jest/globals';
import { loadPipeline, mermaid } from '../../core/config/index.js';
import { fakeDefaults, fakePlugin, fakes, fakeStage, least } from './fake-plugins.js';
import { load } from './loading.js';

it('a pipeline is drawn with its stages, what nests in them, and what flows', async () => {
  const drawn = mermaid(
    await load(
      { ...least, metaStep: { use: 'gradient', optimizer: { use: 'adam' } }, observers: [{ use: 'csv', file: 'x' }] },
      '/',
    ),
  );
  expect(drawn.startsWith('flowchart LR\n')).toBe(true);
  expect(drawn).toContain('  dataset["dataset<br/><b>digits</b>"]\n');
  expect(drawn).toContain('  metaStep_optimizer_learningRate["learningRate<br/><b>constant</b>"]\n');
  expect(drawn).toContain('  metaStep_optimizer --- metaStep\n');
  expect(drawn).toContain('  model -->|auxiliary outputs| auxiliaryLoss\n');
  expect(drawn).toContain('  optimizer -.->|events| observer0\n');
  const named = new Set([...drawn.matchAll(/^ {2}(\w+)\[/gm)].map(([, id]) => id));
  const tied = [...drawn.matchAll(/^ {2}(\w+) -\S* ?(\|[^|]*\| )?(\w+)$/gm)].flatMap(([, from, , to]) => [from, to]);
  expect(tied.filter((id) => !named.has(id))).toEqual([]);
});

it('names are escaped', async () => {
  const odd = fakePlugin('odd', { model: [fakeStage('a"<b>#') as never] });
  const pipeline = await loadPipeline(
    { ...least, model: { use: 'a"<b>#' } },
    { plugins: [...fakes, odd], defaults: fakeDefaults, cwd: '/' },
  );
  expect(mermaid(pipeline)).toContain('<b>a#34;#60;b#62;#35;</b>');
});
