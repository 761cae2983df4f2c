import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The clone's root. */
export const root = join(import.meta.dirname, '..');

/** A page of `docs/`: its text, and its fenced snippets by language. */
export function docsPage(name: string): { readonly text: string; readonly snippets: (language: string) => string[] } {
  const text = readFileSync(join(root, 'docs', name), 'utf8');
  const snippets = (language: string): string[] =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, snippet]) => snippet!);
  return { text, snippets };
}
