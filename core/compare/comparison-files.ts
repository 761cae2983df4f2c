import { csv } from '../trained/index.js';
import type { Comparison, Measure, VariantResult } from './result.js';
import { measures } from './result.js';
import type { Estimate } from './statistics.js';
import { costTable, remarks, scoreTable, type Table } from './tables.js';

const everyMeasure = Object.keys(measures) as Measure[];

/** Contents of a comparison's files by name. */
export const comparisonFiles = (comparison: Comparison): Readonly<Record<string, string>> => ({
  'result.json': `${JSON.stringify(comparison, undefined, 2)}\n`,
  'comparison.md': markdown(comparison),
  'comparison.csv': csv([columns(comparison), ...comparison.variants.map((variant) => cells(variant, comparison))]),
});

/** The comparison for people at a terminal. */
export const formatComparison = (comparison: Comparison): string =>
  [...tables(comparison).map(aligned), ...remarks(comparison)].join('\n');

const tables = (comparison: Comparison): Table[] => [
  ...everyMeasure.flatMap((measure) => scoreTable(comparison, measure) ?? []),
  costTable(comparison),
];

function markdown(comparison: Comparison): string {
  const line = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const blocks = tables(comparison).map(({ title, header, rows }) =>
    [
      `## ${title}`,
      '',
      line(header),
      `|${header.map((_, i) => (i === 0 ? '---|' : '---:|')).join('')}`,
      ...rows.map(line),
    ].join('\n'),
  );
  return `${[
    `# ${comparison.name}`,
    ...blocks,
    remarks(comparison)
      .map((remark) => `- ${remark}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

function aligned({ title, header, rows }: Table): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return `${[title, ...all.map(line)].join('\n')}\n`;
}

/** Of an estimate, in full precision. */
const parts = ['n', 'mean', 'sd', 'interval'];
const partsOf = (estimate: Estimate | undefined): (string | number)[] =>
  [estimate?.n, estimate?.mean, estimate?.deviation, estimate?.interval].map((part) => part ?? '');

const columns = ({ controls }: Comparison): string[] => [
  'variant',
  'strategy',
  'settings',
  ...everyMeasure.flatMap((measure) => [
    ...parts.map((part) => `${measure} ${part}`),
    ...controls.flatMap((control) => parts.map((part) => `${measure} minus ${control} ${part}`)),
  ]),
  'gradient cosine',
  'effective classes',
  'auxiliary classes',
  'sharpness',
  'epochs',
  'steps',
  'batches',
  'training seconds',
  'seconds',
  'peak bytes',
];

const cells = (variant: VariantResult, { controls }: Comparison): (string | number)[] => [
  variant.label,
  variant.strategy,
  variant.set.join(' '),
  ...everyMeasure.flatMap((measure) => [
    ...partsOf(variant.score[measure]),
    ...controls.flatMap((control) => partsOf(variant.differences[control]?.[measure])),
  ]),
  variant.gradientCosine?.mean ?? '',
  variant.effectiveClasses?.mean ?? '',
  variant.auxiliaryClasses ?? '',
  variant.sharpness?.mean ?? '',
  variant.trials.length > 0 ? variant.epochs : '',
  variant.steps ?? '',
  variant.batches ?? '',
  variant.trainingMs ? variant.trainingMs.mean / 1000 : '',
  variant.durationMs ? variant.durationMs.mean / 1000 : '',
  variant.peakBytes?.mean ?? '',
];
