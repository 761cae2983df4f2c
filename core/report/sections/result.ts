import type { Figure } from '../figures/figure.js';
import { dotFigure } from '../figures/dot-figure.js';
import { markup, type Content } from '../markup.js';
import type { Report } from '../report.js';
import type { Arm } from '../arms.js';
import type { ArmResult, Paired } from '../results.js';
import type { Task } from '../tasks.js';
import { decimal, list, megabytes, percent, points, seconds, spreadPercent } from './numbers.js';
import { partOf, slug, type Section } from './section.js';

/** Who scored what on the test split, and how sure that is: a section for each task, for scores of several don't compare. */
export function resultSections({ tasks }: Report): readonly Section[] {
  const scored = tasks.filter(({ results }) => results.length > 0);
  return scored.map((task) => {
    const part = (id: string, title: string) => partOf(task, scored, { id, title });
    const { results } = task;
    const baselines = results
      .map(({ arm }) => arm)
      .filter((arm) => results.some(({ paired }) => paired.some(({ baseline }) => baseline === arm)));
    return {
      ...part('result', 'Result'),
      lead: markup`${verdict(results)}${caution(task)}`,
      table: table(results, baselines),
      figures: [
        dotFigure({
          ...part('test-accuracy', 'Test accuracy'),
          description: results.map(({ arm, accuracy }) => `${arm.label} ${spreadPercent(accuracy)}`).join('; '),
          xLabel: 'accuracy on the test split',
          percent: true,
          limits: [0, 1],
          rows: results.map(({ arm, scores, accuracy }) => ({
            ...arm,
            estimate: accuracy,
            note: percent(accuracy.mean),
            values: scores.map(({ seed, accuracy: value }) => ({ value, title: `seed ${seed}: ${percent(value)}` })),
          })),
        }),
        ...baselines.map((baseline) => differences(results, baseline)),
      ],
      caption:
        'Each dot is one seed; the large mark is the mean, the bar its 95% t interval. A bar that reaches the edge goes on beyond it. Differences are between runs of the same seed.',
    };
  });
}

/** What keeps the table from comparing strategies alone. */
const caution = ({ differences: found }: Task): Content =>
  found.length > 0 &&
  markup` These runs also differ in ${list(found)}, so that the table doesn’t compare strategies alone.`;

function differences(results: readonly ArmResult[], baseline: Arm): Figure {
  const rows = results.flatMap(({ arm, paired }) => {
    const own = paired.find((one) => one.baseline === baseline);
    return own ? [{ arm, ...own }] : [];
  });
  return dotFigure({
    id: `difference-to-${slug(baseline.label)}`,
    title: `Difference to ${baseline.label}`,
    description: rows.map((row) => `${row.arm.label} ${written(row)} points, n = ${row.difference.n}`).join('; '),
    xLabel: 'percentage points, seed by seed',
    zero: true,
    rows: rows.map(({ arm, difference: { n, mean, interval }, scores }) => ({
      ...arm,
      estimate: { n, mean: 100 * mean, ...(interval !== undefined && { interval: 100 * interval }) },
      note: written({ difference: { n, mean, ...(interval !== undefined && { interval }) } }),
      values: scores.map(({ seed, accuracy }) => ({
        value: 100 * accuracy,
        title: `seed ${seed}: ${points(accuracy)}`,
      })),
    })),
  });
}

/** `+0.53 ± 0.73`: the mean difference and half its 95% t interval. */
const written = ({ difference: { mean, interval } }: Pick<Paired, 'difference'>): string =>
  `${points(mean)}${interval === undefined ? '' : ` ± ${(100 * interval).toFixed(2)}`}`;

/** Who has the highest mean, and whether these seeds settle it. */
function verdict(results: readonly ArmResult[]): Content {
  const best = results.reduce((a, b) => (b.accuracy.mean > a.accuracy.mean ? b : a));
  const { arm, accuracy, paired } = best;
  const name = markup`<strong>${arm.label}</strong>`;
  const mean = percent(accuracy.mean);
  if (results.length === 1) return markup`${name} reaches a test accuracy of ${mean}${seedCount(accuracy.n)}.`;
  return markup`${name} has the highest mean test accuracy, ${mean}${seedCount(accuracy.n)}.${paired.map((one) => markup` ${comparison(one)}`)}`;
}

function comparison({ baseline, difference: { mean, interval, n } }: Paired): Content {
  const difference = markup`Its difference to ${baseline.label} is ${points(mean)} points`;
  if (interval === undefined) return markup`${difference} on the one seed that both have, which says little.`;
  const settled =
    Math.abs(mean) > interval
      ? 'leaves 0 out, so these seeds point to a real difference.'
      : 'includes 0, so these seeds don’t settle whether there is one.';
  return markup`${difference}; the 95% t interval, ${points(mean - interval)} to ${points(mean + interval)} (n = ${n}), ${settled}`;
}

const seedCount = (n: number): string => (n === 1 ? ' with one seed' : ` over ${n} seeds`);

interface Column {
  readonly title: string;
  readonly cell: (result: ArmResult) => string | undefined;
}

/** The table's columns; one that no arm fills is left out. */
const columns = (baselines: readonly Arm[]): readonly Column[] => [
  { title: 'seeds', cell: ({ accuracy }) => String(accuracy.n) },
  { title: 'test accuracy', cell: ({ accuracy }) => spreadPercent(accuracy) },
  { title: 'last epochs', cell: ({ lastEpochs }) => lastEpochs && spreadPercent(lastEpochs) },
  { title: 'selected on validation', cell: ({ selected }) => selected && spreadPercent(selected) },
  ...baselines.map((baseline): Column => ({
    title: `minus ${baseline.label}`,
    cell: ({ paired }) => paired.filter((one) => one.baseline === baseline).map(written)[0],
  })),
  { title: 'test loss', cell: ({ loss }) => decimal(loss.mean, 3) },
  { title: 'time', cell: ({ durationMs }) => seconds(durationMs.mean) },
  { title: 'peak memory', cell: ({ peakBytes }) => peakBytes && megabytes(peakBytes.mean) },
];

function table(results: readonly ArmResult[], baselines: readonly Arm[]): Content {
  const filled = columns(baselines).filter(({ cell }) => results.some((result) => cell(result) !== undefined));
  const highest = Math.max(...results.map(({ accuracy }) => accuracy.mean));
  return markup`<table><caption>Test results by strategy: mean ± standard deviation over seeds; differences ± half the 95% t interval</caption><thead><tr><th scope="col">strategy</th>${filled.map(
    ({ title }) => markup`<th scope="col" class="number">${title}</th>`,
  )}</tr></thead><tbody>${results.map(
    (result) =>
      markup`<tr${result.accuracy.mean === highest && results.length > 1 && markup` class="best"`}><th scope="row"><span class="key s${result.arm.color % 10}"></span>${result.arm.label}</th>${filled.map(
        ({ cell }) => markup`<td class="number">${cell(result) ?? '–'}</td>`,
      )}</tr>`,
  )}</tbody></table>`;
}
