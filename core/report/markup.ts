/** HTML or SVG that is safe to put into a page as it is. */
export class Markup {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What a template takes: text is escaped, markup isn't, lists are joined, and what is absent or false leaves nothing. */
export type Content = Markup | string | number | false | undefined | readonly Content[];

/**
 * HTML or SVG out of a template, with everything but markup escaped, in attributes (written with double quotes) too.
 * @example markup`<td title="${name}">${value}</td>`
 */
export const markup = (strings: TemplateStringsArray, ...contents: readonly Content[]): Markup =>
  new Markup(strings.reduce((text, string, i) => text + render(contents[i - 1]) + string));

function render(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (typeof content === 'number') return String(content);
  if (typeof content === 'string') return escape(content);
  return content ? content.map(render).join('') : '';
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that XML has no way to write are dropped, so that a figure stays valid whatever a class is called. */
const escape = (text: string): string =>
  text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, (character) => entities[character]!);
