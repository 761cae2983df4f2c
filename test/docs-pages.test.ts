import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const pluginPages = readdirSync(join(root, 'plugins'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `plugins/${name}/README.md`);
const pages = ['README.md', 'CONTRIBUTING.md', ...pluginPages].concat(
  readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
);

/** Targets of a page's links within the project, without the section. */
const links = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?![a-z]+:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, to]) => to!);

describe('the pages', () => {
  it.each(pages)('%s links to files that exist', (page) => {
    expect(links(page).filter((to) => !existsSync(join(root, dirname(page), to)))).toEqual([]);
  });

  it('are found from the first one', () => {
    const seen = new Set(['README.md']);
    for (const page of seen)
      for (const to of links(page)) {
        const target = join(dirname(page), to);
        if (pages.includes(target)) seen.add(target);
      }
    expect(pages.filter((page) => page.startsWith('docs/') && !seen.has(page))).toEqual([]);
  });
});
