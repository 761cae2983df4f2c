import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Alias,
  type Document,
  type Node,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Issues } from './issues.js';
import { forbiddenKeys, type Written } from './written.js';

/** More than any pipeline holds: what stops aliases that multiply each other, and values that nobody wrote by hand. */
const most = { values: 20_000, depth: 64, keyLength: 200, textLength: 4096, faults: 20 };

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
  let targets: AliasTargets;
  try {
    // Keys are compared in `Reader`: here each would be with all others.
    const options = { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: false } as const;
    document = parseDocument(source.text, { ...options, version: '1.2' });
    targets = aliasTargets(document);
  } catch (cause) {
    const reason = cause instanceof RangeError ? tooDeep : String(cause).slice(0, 300);
    issues.add('config/syntax', { path, where: source.where(1, 1) }, reason);
    return undefined;
  }
  const faults = [...document.errors, ...document.warnings];
  for (const { code, message, pos } of faults.slice(0, most.faults))
    issues.add('config/syntax', { path, where: where(pos[0]) }, reword(code, message));
  if (faults.length > 0) return undefined;
  const { version } = document.directives.yaml;
  if (version !== '1.2') {
    issues.add('config/syntax', { path, where: source.where(1, 1) }, `a pipeline is YAML 1.2, not ${version}`);
    return undefined;
  }
  if (!document.contents) return { type: 'scalar', value: null, path, where: source.where(1, 1), base: source.base };
  return new Reader(targets, source.base, where, issues).read(document.contents, path);
}

const reword = (code: string, message: string): string => {
  if (code === 'MULTIPLE_DOCS') return 'one file holds one pipeline: remove what follows the "---"';
  if (message.includes('call stack')) return tooDeep;
  return `not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1, 300)}`;
};

const tooDeep = 'values are nested too deeply';

/** What each alias stands for: the last node before it that has the anchor. */
type AliasTargets = ReadonlyMap<Alias, Node>;

/** All of them at once: `alias.resolve` walks through the whole document for each. */
function aliasTargets(document: Document): AliasTargets {
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  visit(document, {
    Alias: (_, alias) => {
      const target = anchors.get(alias.source);
      if (target) targets.set(alias, target);
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

class Reader {
  private values = 0;
  private readonly above = new Set<Node>();

  constructor(
    private readonly targets: AliasTargets,
    private readonly base: string,
    private readonly where: (offset: number) => string,
    private readonly issues: Issues,
  ) {}

  read(node: Node, path: readonly (string | number)[], keyWhere?: string): Written {
    const where = this.where(node.range?.[0] ?? 0);
    const place = { path, where, keyWhere, base: this.base };
    const nothing: Written = { type: 'scalar', value: null, ...place };
    if (this.full) return nothing;
    if (++this.values > most.values) {
      this.issues.add('config/aliases', { path: [], where }, `more than ${most.values} values, aliases counted`);
      return nothing;
    }
    if (path.length > most.depth) {
      this.issues.add('config/syntax', { path: path.slice(0, 3), where }, tooDeep);
      return nothing;
    }
    if (isAlias(node)) {
      const target = this.targets.get(node);
      if (target && !this.above.has(target)) return this.read(target, path, keyWhere);
      const fault = target ? 'contains itself' : 'has no anchor before it';
      this.issues.add('config/syntax', place, `the alias *${node.source.slice(0, 80)} ${fault}`);
      return nothing;
    }
    if (isScalar(node)) {
      const { value } = node;
      if (typeof value !== 'string') return { ...nothing, value };
      if (value.length > most.textLength)
        this.issues.add('config/too-long', place, `${value.length} characters of text; ${most.textLength} at most`);
      // No path can hold it, and the system's calls throw at it.
      else if (value.includes('\0')) this.issues.add('config/invalid-value', place, 'text with a null character');
      else return { ...nothing, value };
      return nothing;
    }
    this.above.add(node);
    try {
      if (isMap(node))
        return { type: 'map', entries: this.entries(node as YAMLMap<Node, Node | null>, path), ...place };
      if (!isSeq(node)) return nothing;
      return { type: 'list', items: node.items.map((item, i) => this.read(item as Node, [...path, i])), ...place };
    } finally {
      this.above.delete(node);
    }
  }

  /** Whether so much was read that the rest no longer matters. */
  private get full(): boolean {
    return this.values > most.values;
  }

  private entries(map: YAMLMap<Node, Node | null>, path: readonly (string | number)[]): Map<string, Written> {
    const entries = new Map<string, Written>();
    for (const { key: keyNode, value } of map.items) {
      if (this.full) break;
      const keyWhere = this.where(keyNode.range?.[0] ?? 0);
      const key = isScalar(keyNode) ? String(keyNode.value) : undefined;
      if (key === undefined) {
        this.issues.add('config/syntax', { path, where: keyWhere }, 'a key must be text');
      } else if (key.length > most.keyLength) {
        this.issues.add('config/too-long', { path, where: keyWhere }, `a key of ${key.length} characters`);
      } else if (entries.has(key)) {
        this.issues.add('config/syntax', { path, where: keyWhere }, 'this key is written twice');
      } else if (key === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') {
        this.issues.add(
          'config/merge-key',
          { path, where: keyWhere },
          'merge keys (<<) are not read: YAML 1.2 has none',
          'Write the keys out, or put what pipelines share into a file of its own and name it as `extends`.',
        );
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
