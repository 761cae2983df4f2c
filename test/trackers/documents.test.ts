import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { PipelineSpec } from '../../core/config/index.js';
import { toyPipeline } from '../pipeline/toy.js';

const root = join(import.meta.dirname, '../..');
const snippets = ['docs/trackers.md', 'plugins/trackers/README.md'].flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text]) => [file, text!] as const,
  ),
);

describe('the documented observers', () => {
  it('are some', () => expect(snippets).toHaveLength(3));

  it.each(snippets)('are valid: %s', async (_, text) => {
    const { observers } = parse(text) as PipelineSpec;
    const pipeline = await toyPipeline({ observers: observers! });
    expect(pipeline.observers.map(({ use }) => use)).toEqual(observers!.map(({ use }) => use));
  });
});
