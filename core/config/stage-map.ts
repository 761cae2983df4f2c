import type { Nesting } from '../plugins/index.js';
import { article, given } from './expectation.js';
import { fromObject } from './from-object.js';
import type { Resolving } from './resolve-stage.js';
import { plain, type Written, type WrittenMap } from './written.js';

/** What is written about a stage as a map, also where a shorthand stands for one; `undefined` where a fault was reported. */
export function stageMap(
  { kind, shorthand }: Nesting,
  written: Written,
  { catalog, issues }: Resolving,
): WrittenMap | undefined {
  if (written.type === 'map') return written;
  const value = plain(written);
  const full = shorthand?.(value);
  const expanded = full && fromObject(full, written, issues);
  if (expanded?.type === 'map') return expanded;

  const key = written.path.at(-1)!;
  const named = typeof value === 'string' && value !== '' ? value : undefined;
  const name = named && catalog.find(kind, named) ? named : (catalog.names(kind)[0] ?? '...');
  const form = typeof key === 'number' ? `- { use: ${name} }` : `${key}: { use: ${name} }`;
  const expected = shorthand ? `${article(kind)} or its short form` : `a map that names ${article(kind)}`;
  issues.add(
    'config/wrong-type',
    written,
    `expected ${expected}, got ${given(value)}`,
    `Write ${named ? '' : 'it like '}${form}`,
  );
  return undefined;
}
