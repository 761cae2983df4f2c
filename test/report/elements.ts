/** An element of HTML or SVG with its attributes, in the order they begin. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Text directly inside, entities as they stand. */
  text: string;
}

const empty = new Set(['meta', 'link']);
const token = /<!doctype html>|<(\/?)([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>|([^<]+)/gy;

/**
 * Reads strictly written HTML or SVG: every element closed, in order, attributes in double quotes, "<" and "&" only where
 * they belong.
 * @throws for anything else, with the text at fault
 */
export function elements(source: string): Element[] {
  const found: Element[] = [];
  const open: Element[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const from = token.lastIndex;
    const match = token.exec(source);
    if (!match) throw new Error(`no markup: ${source.slice(from, from + 80)}`);
    const [, closing, name, attributes = '', closed, text] = match;
    if (text !== undefined) {
      const parent = open.at(-1);
      if (parent) parent.text += text;
      if (parent?.name !== 'script' && parent?.name !== 'style') refuseAmpersands(text);
    } else if (closing) {
      const last = open.pop();
      if (last?.name !== name) throw new Error(`</${name!}> closes <${last?.name ?? 'nothing'}>`);
    } else if (name !== undefined) {
      refuseAmpersands(attributes);
      const pairs = [...attributes.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, key, value = '']) => [key!, value]);
      const element = { name, attributes: Object.fromEntries(pairs) as Record<string, string>, text: '' };
      found.push(element);
      if (!closed && !empty.has(name)) open.push(element);
    }
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)!.name}> isn't closed`);
  return found;
}

function refuseAmpersands(text: string): void {
  const stray = /&(?!(?:amp|lt|gt|quot);).{0,20}/.exec(text);
  if (stray) throw new Error(`no entity: ${stray[0]}`);
}
