import type { ScoreKind } from '../../events/index.js';
import type { Figure } from '../figures/figure.js';
import { dotFigure } from '../figures/dot-figure.js';
import { markup, type Content } from '../markup.js';
import type { Report } from '../report.js';
import type { Arm } from '../arms.js';
import type { ArmResult, Paired } from '../results.js';
import type { Task } from '../tasks.js';
import { decimal, list, megabytes, points, scoreText, seconds, spread } from './numbers.js';
import { partOf, slug, type Section } from './section.js';

/** Who scored what on the test split, and how sure that is: a section for each task, for scores of several don't compare. */
export function resultSections({ tasks }: Report): readonly Section[] {
  const scored = tasks.filter(({ results }) => results.length > 0);
  return scored.map((task) => {
    const part = (id: string, title: string) => partOf(task, scored, { id, title });
    const { results } = task;
    const { kind } = results[0]!;
    const baselines = results
      .map(({ arm }) => arm)
      .filter((arm) => results.some(({ paired }) => paired.some(({ baseline }) => baseline === arm)));
    return {
      ...part('result', 'Result'),
      lead: markup`${verdict(results)}${caution(task)}`,
      table: table(results, baselines),
      figures: [
        dotFigure({
          ...part(`test-${slug(kind.name)}`, `Test ${kind.name}`),
          description: results.map(({ arm, score }) => `${arm.label} ${spread(kind, score)}`).join('; '),
          xLabel: `${kind.name} on the test split`,
          percent: kind.percent,
          limits: [kind.percent ? 0 : -Infinity, 1],
          rows: results.map(({ arm, scores, score }) => ({
            ...arm,
            estimate: score,
            note: scoreText({ kind, value: score.mean }),
            values: scores.map(({ seed, score: value }) => ({
              value,
              title: `seed ${seed}: ${scoreText({ kind, value })}`,
            })),
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
  const { kind } = results[0]!;
  const scale = kind.percent ? 100 : 1;
  const rows = results.flatMap(({ arm, paired }) => {
    const own = paired.find((one) => one.baseline === baseline);
    return own ? [{ arm, ...own }] : [];
  });
  return dotFigure({
    id: `difference-to-${slug(baseline.label)}`,
    title: `Difference to ${baseline.label}`,
    description: rows
      .map((row) => `${row.arm.label} ${written(kind, row)}${kind.percent ? ' points' : ''}, n = ${row.difference.n}`)
      .join('; '),
    xLabel: `${kind.points}, seed by seed`,
    zero: true,
    rows: rows.map(({ arm, difference: { n, mean, interval }, scores }) => ({
      ...arm,
      estimate: { n, mean: scale * mean, ...(interval !== undefined && { interval: scale * interval }) },
      note: written(kind, { difference: { n, mean, ...(interval !== undefined && { interval }) } }),
      values: scores.map(({ seed, score }) => ({
        value: scale * score,
        title: `seed ${seed}: ${points(kind, score)}`,
      })),
    })),
  });
}

/** `+0.53 ± 0.73`: the mean difference and half its 95% t interval. */
const written = (kind: ScoreKind, { difference: { mean, interval } }: Pick<Paired, 'difference'>): string =>
  `${points(kind, mean)}${interval === undefined ? '' : ` ± ${kind.number(interval)}`}`;

/** Who has the highest mean, and whether these seeds settle it. */
function verdict(results: readonly ArmResult[]): Content {
  const best = results.reduce((a, b) => (b.score.mean > a.score.mean ? b : a));
  const { arm, kind, score, paired } = best;
  const name = markup`<strong>${arm.label}</strong>`;
  const mean = scoreText({ kind, value: score.mean });
  if (results.length === 1) return markup`${name} reaches a test ${kind.name} of ${mean}${seedCount(score.n)}.`;
  return markup`${name} has the highest mean test ${kind.name}, ${mean}${seedCount(score.n)}.${paired.map((one) => markup` ${comparison(kind, one)}`)}`;
}

function comparison(kind: ScoreKind, { baseline, difference: { mean, interval, n } }: Paired): Content {
  const difference = markup`Its difference to ${baseline.label} is ${points(kind, mean)}${kind.percent && ' points'}`;
  if (interval === undefined) return markup`${difference} on the one seed that both have, which says little.`;
  const settled =
    Math.abs(mean) > interval
      ? 'leaves 0 out, so these seeds point to a real difference.'
      : 'includes 0, so these seeds don’t settle whether there is one.';
  return markup`${difference}; the 95% t interval, ${points(kind, mean - interval)} to ${points(kind, mean + interval)} (n = ${n}), ${settled}`;
}

const seedCount = (n: number): string => (n === 1 ? ' with one seed' : ` over ${n} seeds`);

interface Column {
  readonly title: string;
  readonly cell: (result: ArmResult) => string | undefined;
}

/** The table's columns; one that no arm fills is left out. */
const columns = (kind: ScoreKind, baselines: readonly Arm[]): readonly Column[] => [
  { title: 'seeds', cell: ({ score }) => String(score.n) },
  { title: `test ${kind.name}`, cell: ({ score }) => spread(kind, score) },
  { title: 'last epochs', cell: ({ lastEpochs }) => lastEpochs && spread(kind, lastEpochs) },
  { title: 'selected on validation', cell: ({ selected }) => selected && spread(kind, selected) },
  ...baselines.map((baseline): Column => ({
    title: `minus ${baseline.label}`,
    cell: ({ paired }) => paired.filter((one) => one.baseline === baseline).map((one) => written(kind, one))[0],
  })),
  { title: 'test loss', cell: ({ loss }) => decimal(loss.mean, 3) },
  { title: 'time', cell: ({ durationMs }) => seconds(durationMs.mean) },
  { title: 'peak memory', cell: ({ peakBytes }) => peakBytes && megabytes(peakBytes.mean) },
];

function table(results: readonly ArmResult[], baselines: readonly Arm[]): Content {
  const filled = columns(results[0]!.kind, baselines).filter(({ cell }) =>
    results.some((result) => cell(result) !== undefined),
  );
  const highest = Math.max(...results.map(({ score }) => score.mean));
  return markup`<table><caption>Test results by strategy: mean ± standard deviation over seeds; differences ± half the 95% t interval</caption><thead><tr><th scope="col">strategy</th>${filled.map(
    ({ title }) => markup`<th scope="col" class="number">${title}</th>`,
  )}</tr></thead><tbody>${results.map(
    (result) =>
      markup`<tr${result.score.mean === highest && results.length > 1 && markup` class="best"`}><th scope="row"><span class="key s${result.arm.color % 10}"></span>${result.arm.label}</th>${filled.map(
        ({ cell }) => markup`<td class="number">${cell(result) ?? '–'}</td>`,
      )}</tr>`,
  )}</tbody></table>`;
}
