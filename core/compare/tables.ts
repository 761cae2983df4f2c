import type { ScoreKind } from '../events/index.js';
import type { Comparison, Measure, VariantResult } from './result.js';
import { isClear, type Estimate } from './statistics.js';

/** A table of text: the first column is left, the others right. */
export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const titles: Readonly<Record<Measure, (variants: readonly VariantResult[]) => string>> = {
  last: () => 'weights of the last epoch',
  lastEpochs: (variants) => `mean of the last ${epochsOf(variants)}`,
  selected: () => 'weights of the epoch that validation selects',
};

/** `5 epochs`, or `2 to 5 epochs` where some variants have no more. */
function epochsOf(variants: readonly VariantResult[]): string {
  const counts = variants.flatMap(({ lastEpochs }) => lastEpochs ?? []);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `${least === most ? '' : `${least} to `}${most} ${most === 1 ? 'epoch' : 'epochs'}`;
}

/** Scores and paired differences by one measure; `undefined` where no run has it. */
export function scoreTable(
  { variants, controls, scoredBy }: Pick<Comparison, 'variants' | 'controls' | 'scoredBy'>,
  measure: Measure,
): Table | undefined {
  if (variants.every(({ score }) => !score[measure])) return undefined;
  return {
    title: `test ${scoredBy.name}${scoredBy.percent ? ' in %' : ''}, ${titles[measure](variants)}`,
    header: ['variant', 'n', 'mean ± sd', ...controls.map((label) => `minus ${label}`)],
    rows: variants.map(({ label, score, differences }) => [
      label,
      String(score[measure]?.n ?? 0),
      spread(scoredBy, score[measure]),
      ...controls.map((control) => difference(scoredBy, differences[control]?.[measure], score[measure]?.n)),
    ]),
  };
}

/** What each variant costs in a run, and what its labels are like. */
export const costTable = ({ variants, budget }: Pick<Comparison, 'variants' | 'budget'>): Table => ({
  title: 'labels, and what a run costs',
  header: [
    'variant',
    'cosine',
    'labels used',
    'sharpness',
    'epochs',
    'steps',
    'batches',
    'training s',
    'run s',
    'peak MB',
  ],
  rows: variants.map((variant) => [
    variant.label,
    variant.gradientCosine?.mean.toFixed(2) ?? '-',
    labels(variant),
    variant.sharpness?.mean.toFixed(2) ?? '-',
    variant.trials.length > 0 ? String(variant.epochs) : '-',
    String(variant.steps ?? '-'),
    String(variant.batches ?? '-'),
    seconds(variant.trainingMs) +
      (variant.trainingMs && budget.of === 'time' ? ` of ${(budget.total / 1000).toFixed(1)}` : ''),
    seconds(variant.durationMs),
    variant.peakBytes ? (variant.peakBytes.mean / 2 ** 20).toFixed(0) : '-',
  ]),
});

const seconds = (ms: Estimate | undefined): string => (ms ? (ms.mean / 1000).toFixed(1) : '-');

/** How to read the tables, and what isn't in them. */
export function remarks(comparison: Comparison): string[] {
  const { budget, seeds, variants, scoredBy, notes, stopped } = comparison;
  const missing = variants.flatMap(({ label, missing: lacking }) =>
    lacking.map(({ seed, reason }) => `missing: ${label}, seed ${seed}: ${reason.split('\n')[0]}`),
  );
  return [
    `Budget: ${budget.statement}. ${
      seeds.length === 1 ? `Seed ${seeds[0]!}: it pairs` : `Seeds ${seeds.join(', ')}: each pairs`
    } initial weights, samples and their order.`,
    ...overspent(comparison),
    'Training seconds hold the preparation of labels and the measuring of the gradient cosine, where there is one; those of the run also hold validation, tests and saving.',
    seeds.length === 1
      ? 'Differences are of one seed: there is no interval, and chance alone may explain them.'
      : 'Differences are means over paired seeds with their 95% t interval, of n seeds; * where it leaves zero out. Intervals are not corrected for there being several.',
    ...variants.flatMap(({ label, found }) =>
      found
        ? [
            `Found for ${label}, ${found.tried} tried: ${found.settings.join(' ') || 'the settings of the pipeline'}${foundScore(scoredBy, found.score)}.`,
          ]
        : [],
    ),
    ...notes.map((note) => `Note: ${note}.`),
    ...missing,
    ...(stopped ? ['Stopped before its end; the same command with --out and this folder goes on.'] : []),
  ];
}

/** Shares of the budget that a variant may differ by before it is told. */
const tolerance = 0.1;

/** Variants that spent another budget than they were promised: epochs are whole, and settings that a search finds cost their own. */
function overspent({ variants, budget: { of, total } }: Comparison): string[] {
  const spent = ({ steps, batches, trainingMs }: VariantResult): number | undefined =>
    ({ steps, batches, time: trainingMs?.mean })[of];
  const written = (amount: number): string => (of === 'time' ? `${(amount / 1000).toFixed(1)} s` : `${amount} ${of}`);
  return variants.flatMap((variant) => {
    const own = spent(variant);
    if (own === undefined || Math.abs(own - total) <= tolerance * total) return [];
    const share = Math.round((100 * Math.abs(own - total)) / total);
    const than = own > total ? 'more' : 'less';
    return [
      `Note: ${variant.label} trained for ${written(own)}, ${share}% ${than} than the ${written(total)} promised.`,
    ];
  });
}

const foundScore = (kind: ScoreKind, score: number | undefined): string =>
  score === undefined
    ? ' (no trial of the search finished)'
    : ` (${kind.percent ? '' : `${kind.name} `}${kind.write(score, 2)} on validation data)`;

const labels = ({ effectiveClasses, auxiliaryClasses }: VariantResult): string =>
  effectiveClasses && auxiliaryClasses !== undefined
    ? `${effectiveClasses.mean.toFixed(1)} of ${Number(auxiliaryClasses.toFixed(1))}`
    : '-';

/** `97.50 ± 0.30` */
function spread(kind: ScoreKind, score: Estimate | undefined): string {
  if (!score) return '-';
  const { mean, deviation } = score;
  return kind.number(mean) + (deviation === undefined ? '' : ` ± ${kind.number(deviation)}`);
}

/** `+0.53 ± 0.73`, with its n where that isn't `usual`. */
function difference(kind: ScoreKind, found: Estimate | undefined, usual: number | undefined): string {
  if (!found) return '-';
  const { n, mean, interval } = found;
  const points = kind.number(mean).replace(/^-(0\.0+)$/, '$1');
  const text = points.startsWith('-') ? points : `+${points}`;
  const spread = interval === undefined ? '' : ` ± ${kind.number(interval)}`;
  return `${text}${spread}${isClear(found) ? '*' : ''}${n === usual ? '' : ` (n ${n})`}`;
}
