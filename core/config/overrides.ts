import { ConfigError } from '../errors/index.js';
import type { Issues } from './issues.js';
import { readYaml } from './read-yaml.js';
import { forbiddenKeys, merge, type Written, type WrittenMap } from './written.js';

/**
 * The changes of `--set a.b=c` options, later ones on top; values are YAML (`0.1`, `[1, 2]`, `{ use: sgd }`).
 * @throws ConfigError for an option that isn't of this form.
 */
export function overrides(options: readonly string[], cwd: string, issues: Issues): WrittenMap | undefined {
  let all: Written | undefined;
  for (const option of options) {
    const change = override(option, cwd, issues);
    if (change) all = merge(all, change);
  }
  return all?.type === 'map' ? all : undefined;
}

/** Nothing in a pipeline is deeper, or takes more text. */
const [mostKeys, longest] = [32, 16_384];

function override(option: string, cwd: string, issues: Issues): Written | undefined {
  const equals = option.indexOf('=');
  const keys = option.slice(0, Math.max(equals, 0)).trim().split('.');
  if (keys.length > mostKeys || option.length > longest)
    throw refuse('config/set', [], `--set ${option.slice(0, 40)}...`, `longer than any change: ${keys.length} keys`);
  if (equals < 1 || keys.includes('')) {
    throw refuse(
      'config/set',
      [],
      `--set ${option}`,
      'expected KEY=VALUE',
      'Such as --set optimizer.learningRate=0.1.',
    );
  }
  const where = `--set ${keys.join('.')}`;
  const forbidden = keys.find((key) => forbiddenKeys.has(key));
  if (forbidden !== undefined) throw refuse('config/forbidden-key', keys, where, 'this key is not allowed');
  if (keys[0] === 'extends') {
    throw refuse(
      'config/extends',
      keys,
      where,
      "what a pipeline extends can't be set",
      'Write a file that extends the other base.',
    );
  }
  const source = { base: cwd, where: () => where, path: keys, text: option.slice(equals + 1) };
  const value = readYaml(source, issues);
  return value && wrap(keys, value, { base: cwd, where });
}

const wrap = (keys: readonly string[], value: Written, source: { base: string; where: string }): Written =>
  keys.reduceRight<Written>(
    (inner, key, depth) => ({
      type: 'map',
      patch: true,
      entries: new Map([[key, inner]]),
      path: keys.slice(0, depth),
      ...source,
    }),
    value,
  );

const refuse = (code: string, path: readonly string[], where: string, message: string, hint?: string): ConfigError =>
  new ConfigError([{ code, path, where, message, hint }]);
