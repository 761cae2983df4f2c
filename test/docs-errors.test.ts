import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const listed = [...page.matchAll(/^### (.*)$/gm)].map(([, code]) => code!);

/** Generated plugins have codes of their own; errors in events that the contracts make up are shown to nobody. */
const elsewhere = /cli\/templates\/|testing\/contracts\//;
const sources = ['core', 'plugins']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith('.ts') && !elsewhere.test(file))
  .map((file) => ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true));

function literals(node: ts.Node): (ts.StringLiteralLike | ts.TemplateHead)[] {
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) return [node];
  const found: ReturnType<typeof literals> = [];
  ts.forEachChild(node, (child) => void found.push(...literals(child)));
  return found;
}
const texts = sources
  .flatMap(literals)
  .filter(
    (node) => /^[a-z][a-z-]*\/([a-z][a-z-]*)?$/.test(node.text) && node.text.endsWith('/') === ts.isTemplateHead(node),
  );

/** Where only a code can stand: first in an error of auxflow's own, and as `code`. */
function isCode({ parent: at }: ts.Node): boolean {
  if (ts.isNewExpression(at)) return /^(Data|Run|Plugin)Error$/.test(at.expression.getText());
  if (ts.isCallExpression(at)) return at.expression.getText() === 'ConfigError.of';
  return (ts.isPropertyAssignment(at) || ts.isPropertyDeclaration(at)) && at.name.getText() === 'code';
}
/** The purpose of a generator, such as `random.for('labels/random')`, looks like a code and is none. */
const isPurpose = ({ parent: at }: ts.Node): boolean =>
  ts.isCallExpression(at) && ts.isPropertyAccessExpression(at.expression) && at.expression.name.text === 'for';

const area = (code: string): string => code.slice(0, code.indexOf('/'));
const areas = new Set(texts.filter(isCode).map(({ text }) => area(text)));
/** Codes pass through variables and functions on their way into an error, so all texts of an area count. */
const inSources = new Set(
  texts
    .filter((text) => ts.isStringLiteralLike(text) && areas.has(area(text.text)) && !isPurpose(text))
    .map(({ text }) => text),
);

describe('docs/errors.md', () => {
  it('has every code, and no other', () => {
    expect(areas.size).toBeGreaterThan(20);
    const missing = [...inSources].filter((code) => !listed.includes(code)).sort();
    const gone = listed.filter((code) => !inSources.has(code));
    expect({ 'to add to docs/errors.md': missing, 'to take out of it': gone }).toEqual({
      'to add to docs/errors.md': [],
      'to take out of it': [],
    });
  });

  it('is sorted, by area', () => {
    expect(listed).toEqual([...new Set(listed)].sort());
    const heads = [...page.slice(page.indexOf('## Areas')).matchAll(/^## (?!Areas)(.*)$/gm)].map(([, head]) => head);
    expect(heads).toEqual([...new Set(listed.map(area))]);
    const linked = [...page.matchAll(/^\| \[([a-z-]+)\]\(#\1\) /gm)].map(([, name]) => name);
    expect(linked).toEqual(heads);
  });

  it.each(listed)('says what %s means, and the way out', (code) => {
    const start = page.indexOf(`### ${code}\n`);
    const entry = page.slice(start).split(/\n(?=##)/)[0]!;
    expect(entry).toMatch(/^### .*\n\n[A-Z`][^]*\.\n\n\*\*Way out:\*\* [A-Z`][^]*\.\n?$/);
  });
});

describe('codes in the sources', () => {
  it('are written whole, so that a search finds them', () => {
    const made = texts.filter((node) => ts.isTemplateHead(node) && isCode(node.parent));
    expect(made.map((node) => `${node.getSourceFile().fileName}: ${node.text}`)).toEqual([]);
  });
});
