import assert from 'node:assert/strict';
import { jsonSchema, loadPipeline, showPipeline } from '../config/index.js';
import { tf } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';
import { Catalog } from '../plugins/index.js';
import type { Bench } from './bench.js';
import { same } from './comparisons.js';
import type { Check } from './suite.js';

/** What every stage's configuration must do. */
export const configChecks = (bench: Bench): Check[] => [
  {
    name: 'says what it is, and is in the JSON Schema',
    async run() {
      const { kind, given, plugins } = bench;
      const catalog = new Catalog(plugins);
      const { description } = catalog.find(kind, given.stage.use)!.definition;
      assert.match(description, /\S/, 'the stage has no description');
      assert.ok(JSON.stringify(jsonSchema(catalog)).includes(JSON.stringify(given.stage.use)));
    },
  },
  {
    name: 'can be shown and read back',
    async run() {
      const shown = showPipeline(await bench.load());
      const again = await loadPipeline(JSON.parse(JSON.stringify(shown)) as object, { plugins: bench.plugins });
      same(showPipeline(again), shown, 'the pipeline read back');
    },
  },
  {
    name: 'refuses a key that it does not know',
    run: () => refused(bench, { 'no such key': 1 }),
  },
  ...(bench.given.refuses ?? []).map((keys) => ({
    name: `refuses ${JSON.stringify(keys)}`,
    run: () => refused(bench, keys),
  })),
];

async function refused(bench: Bench, keys: object): Promise<void> {
  const before = tf.memory().numTensors;
  await assert.rejects(
    bench.with(() => undefined, keys),
    (error) => {
      assert.ok(error instanceof ConfigError, `refused with ${String(error)}, not with a ConfigError`);
      assert.ok(
        error.issues.every(({ path }) => path.length > 0),
        'the ConfigError names no key',
      );
      return true;
    },
  );
  assert.equal(tf.memory().numTensors - before, 0, 'tensors were left behind');
}
