import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { StageDefinition } from '../core/plugins/index.js';
import { builtIn, defaults } from '../plugins/built-in.js';
import { auxflow } from './cli/command-line.js';

describe('docs/configuration.md', () => {
  it('is what `auxflow schema --markdown` prints', async () => {
    const { stdout } = await auxflow(['schema', '--markdown'], { plugins: builtIn, defaults });
    expect(readFileSync(join(import.meta.dirname, '../docs/configuration.md'), 'utf8')).toBe(stdout);
  });

  it('describes every key of every stage', async () => {
    const { stdout } = await auxflow(['schema', '--markdown'], { plugins: builtIn, defaults });
    const keys = builtIn.flatMap(({ stages }) =>
      Object.values(stages)
        .flat()
        .flatMap(({ schema }: StageDefinition) => Object.keys(schema.shape)),
    );
    for (const key of new Set(keys)) expect(stdout).toMatch(new RegExp(`\\| \`${key}[.\`]`));
  });
});
