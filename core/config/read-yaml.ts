import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';
import type { Issues } from './issues.js';
import { forbiddenKeys, type Written } from './written.js';

/** More values than any pipeline holds: what stops aliases that multiply each other. */
const maxValues = 20_000;

export interface YamlSource {
  readonly text: string;
  /** Folder that relative paths in it count from. */
  readonly base: string;
  /** Names a position, both counted from 1. */
  readonly where: (line: number, column: number) => string;
  /** Path of the value in the pipeline. */
  readonly path?: readonly (string | number)[];
}

/** Parses YAML 1.2 with the position of every value; `undefined` where it is no YAML. An empty text is null. */
export function readYaml(source: YamlSource, issues: Issues): Written | undefined {
  const lines = new LineCounter();
  const path = source.path ?? [];
  const where = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return source.where(line, col);
  };
  let document: Document.Parsed;
  try {
    document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false, version: '1.2', strict: true });
  } catch (cause) {
    const reason = cause instanceof RangeError ? 'values are nested too deeply' : String(cause);
    issues.add('config/syntax', { path, where: source.where(1, 1) }, reason);
    return undefined;
  }
  const faults = [...document.errors, ...document.warnings];
  for (const { code, message, pos } of faults)
    issues.add('config/syntax', { path, where: where(pos[0]) }, reword(code, message));
  if (faults.length > 0) return undefined;
  if (!document.contents) return { type: 'scalar', value: null, path, where: source.where(1, 1), base: source.base };
  return new Reader(document, source.base, where, issues).read(document.contents, path);
}

const reword = (code: string, message: string): string => {
  if (code === 'DUPLICATE_KEY') return 'this key is written twice';
  if (code === 'MULTIPLE_DOCS') return 'one file holds one pipeline: remove what follows the "---"';
  return `not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
};

class Reader {
  private values = 0;
  private readonly above: Node[] = [];

  constructor(
    private readonly document: Document,
    private readonly base: string,
    private readonly where: (offset: number) => string,
    private readonly issues: Issues,
  ) {}

  read(node: Node, path: readonly (string | number)[], keyWhere?: string): Written {
    const where = this.where(node.range?.[0] ?? 0);
    const place = { path, where, keyWhere, base: this.base };
    const nothing: Written = { type: 'scalar', value: null, ...place };
    if (++this.values > maxValues) {
      this.issues.add('config/aliases', { path: [], where }, `more than ${maxValues} values, aliases counted`);
      return nothing;
    }
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      if (target && !this.above.includes(target)) return this.read(target, path, keyWhere);
      const fault = target ? 'contains itself' : 'has no anchor before it';
      this.issues.add('config/syntax', place, `the alias *${node.source} ${fault}`);
      return nothing;
    }
    if (isScalar(node)) return { ...nothing, value: node.value };
    this.above.push(node);
    try {
      if (isMap(node))
        return { type: 'map', entries: this.entries(node as YAMLMap<Node, Node | null>, path), ...place };
      if (!isSeq(node)) return nothing;
      return { type: 'list', items: node.items.map((item, i) => this.read(item as Node, [...path, i])), ...place };
    } finally {
      this.above.pop();
    }
  }

  private entries(map: YAMLMap<Node, Node | null>, path: readonly (string | number)[]): Map<string, Written> {
    const entries = new Map<string, Written>();
    for (const { key: keyNode, value } of map.items) {
      const keyWhere = this.where(keyNode.range?.[0] ?? 0);
      const key = isScalar(keyNode) ? String(keyNode.value) : undefined;
      if (key === undefined) {
        this.issues.add('config/syntax', { path, where: keyWhere }, 'a key must be text');
      } else if (forbiddenKeys.has(key)) {
        this.issues.add('config/forbidden-key', { path: [...path, key], where: keyWhere }, 'this key is not allowed');
      } else {
        const inside = [...path, key];
        const nothing = {
          type: 'scalar',
          value: null,
          path: inside,
          where: keyWhere,
          keyWhere,
          base: this.base,
        } as const;
        entries.set(key, value ? this.read(value, inside, keyWhere) : nothing);
      }
    }
    return entries;
  }
}
