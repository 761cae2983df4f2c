import { ConfigError } from '../errors/index.js';

/** One way of training that is compared with others: a pipeline's changes, under a name. */
export interface Variant {
  readonly label: string;
  /** Changes of the form `auxiliary.use=uniform-labels`, later ones on top. */
  readonly set: readonly string[];
}

/** The pipeline with another strategy. */
export const strategyVariant = (use: string): Variant => ({ label: use, set: [`auxiliary.use=${use}`] });

/**
 * Reads `label: key=value key=value`; a value may hold spaces.
 * @example parseVariant('sharp: auxiliary.use=maxl auxiliary.temperature=0.1')
 * @throws ConfigError for text of another form.
 */
export function parseVariant(text: string): Variant {
  const [, label, changes] = /^([^:=]*[^:=\s])\s*:\s+(\S.*)$/.exec(text.trim()) ?? [];
  const set = changes?.split(/\s+(?=[\w-]+(?:\.[\w-]+)*=)/) ?? [];
  if (label !== undefined && set.length > 0 && set.every((change) => /^[\w.-]+=/.test(change)))
    return { label: label.trim(), set };
  throw new ConfigError([
    {
      code: 'compare/variant',
      path: [],
      where: `--variant "${text}"`,
      message: 'expected "label: key=value key=value"',
      hint: 'Such as --variant "sharp: auxiliary.use=maxl auxiliary.entropyWeight=0.1".',
    },
  ]);
}

/** @throws ConfigError for a label that stands for two variants. */
export function refuseSameLabels(variants: readonly Variant[]): void {
  const labels = variants.map(({ label }) => label);
  const twice = labels.find((label, i) => labels.indexOf(label) < i);
  if (twice === undefined) return;
  throw ConfigError.of(
    'compare/same-label',
    [],
    `two variants are labelled "${twice}"`,
    'Give each --variant a label of its own.',
  );
}
