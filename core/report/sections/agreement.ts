import { agreement, agreementWithin, type Agreement } from '../agreement.js';
import { dotFigure, type DotRow } from '../figures/dot-figure.js';
import { markup, type Content } from '../markup.js';
import type { Sorting } from '../labelling.js';
import type { LabelledRun, Report } from '../report.js';
import { estimate } from '../../compare/index.js';
import { decimal } from './numbers.js';
import type { Section } from './section.js';

/** Agreements of one run's labels of some samples with the human level. */
interface Row extends LabelledRun {
  readonly sorting: Sorting;
  readonly overall: Agreement;
  /** Inside the primary classes. */
  readonly within: Agreement | undefined;
  readonly untrained: Agreement | undefined;
}

/** Whether the auxiliary classes are those that people made, and the same from seed to seed. */
export function agreementSection({ arms, labelled, folderOf }: Report): Section | undefined {
  const rows = labelled.flatMap((one) => rowsOf(one));
  const figureRows = arms.flatMap((arm): DotRow[] => {
    const own = rows.filter((row) => row.arm === arm);
    const [human] = own.map(({ sorting }) => sorting.human!.level);
    const name = `${arm.label} with ${human ?? ''}`;
    const values = (split: Sorting['split'], pick: (row: Row) => Agreement | undefined, what = ''): DotRow['values'] =>
      own.flatMap((row) => {
        const found = row.sorting.split === split && pick(row);
        return found ? { value: found.nmi, title: `seed ${row.run.start.seed}${what}` } : [];
      });
    return [
      dotRow(
        arm,
        name,
        values('test', ({ within }) => within),
      ),
      dotRow(
        { color: 0 },
        `${name}, before training`,
        values('test', ({ untrained }) => untrained, ', before training'),
      ),
      dotRow(
        arm,
        `${name}, training samples`,
        values('train', ({ within }) => within),
      ),
      dotRow(arm, `${arm.label} between seeds`, betweenSeeds(labelled.filter((one) => one.arm === arm))),
    ].filter(({ values: dots }) => dots.length > 0);
  });
  if (figureRows.length === 0) return undefined;
  return {
    id: 'agreement',
    title: 'Agreement',
    lead: 'Are the auxiliary classes those that people made, and the same from seed to seed? Each sample counts for the auxiliary class with its highest assignment. Normalised mutual information (NMI) and adjusted Rand index (ARI) say how far two ways of sorting agree, whatever the classes are called: 1 is the same, 0 independent. Inside the primary classes, what the primary class itself gives away doesn’t count. Fixed labels are of training samples alone, so compare them with learned ones there.',
    ...(rows.length > 0 && { table: table(rows, folderOf) }),
    figures: [
      dotFigure({
        id: 'label-agreement',
        title: 'NMI inside the primary classes',
        description: figureRows.map(({ label, estimate: { mean } }) => `${label} ${decimal(mean)}`).join('; '),
        xLabel: 'normalised mutual information',
        limits: [0, 1],
        zero: true,
        rows: figureRows,
      }),
    ],
    caption:
      'Before training: the label network’s initial weights, by batch statistics. NMI of small samples is a little above 0 by chance alone.',
  };
}

/** Of the test samples and of training samples, as far as the run labels them. */
function rowsOf(one: LabelledRun): readonly Row[] {
  const { labelling } = one;
  return [labelling, labelling.training].flatMap((sorting): Row | [] => {
    if (!sorting?.human) return [];
    const { primary, assigned, human } = sorting;
    return {
      ...one,
      sorting,
      overall: agreement(assigned, human.labels),
      within: agreementWithin(primary, assigned, human.labels),
      untrained:
        sorting === labelling && labelling.untrained
          ? agreementWithin(primary, labelling.untrained, human.labels)
          : undefined,
    };
  });
}

/** Without an interval: agreements of pairs of runs aren't independent of one another. */
const dotRow = ({ color }: { readonly color: number }, label: string, values: DotRow['values']): DotRow => {
  const { n, mean } = estimate(values.map(({ value }) => value));
  return { label, color, values, estimate: { n, mean }, note: decimal(mean) };
};

/** Every two runs of an arm that labelled the same test samples; training samples are drawn by the seed. */
function betweenSeeds(runs: readonly LabelledRun[]): DotRow['values'] {
  return runs.flatMap((a, i) =>
    runs.slice(i + 1).flatMap((b) => {
      const [first, second] = [a.labelling, b.labelling];
      if (first.split !== 'test' || !same(first.primary, second.primary)) return [];
      const within = agreementWithin(first.primary, first.assigned, second.assigned);
      return within ? { value: within.nmi, title: `seeds ${a.run.start.seed} and ${b.run.start.seed}` } : [];
    }),
  );
}

const same = (a: Int32Array, b: Int32Array): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

const table = (rows: readonly Row[], folderOf: Report['folderOf']): Content => {
  const cells = (value: Agreement | undefined): Content =>
    markup`<td class="number">${value ? decimal(value.nmi) : '–'}</td><td class="number">${value ? decimal(value.ari) : '–'}</td>`;
  return markup`<table><caption>Agreement of the auxiliary classes with the level of people</caption><thead><tr><th scope="col" rowspan="2">strategy</th><th scope="col" rowspan="2" class="number">seed</th><th scope="col" rowspan="2">samples</th><th scope="col" rowspan="2">level</th><th scope="colgroup" colspan="2" class="number">overall</th><th scope="colgroup" colspan="2" class="number">inside the primary classes</th><th scope="colgroup" colspan="2" class="number">the same, before training</th></tr><tr>${[
    1, 2, 3,
  ].map(
    () => markup`<th scope="col" class="number">NMI</th><th scope="col" class="number">ARI</th>`,
  )}</tr></thead><tbody>${rows.map(
    ({ arm, run, sorting, overall, within, untrained }) =>
      markup`<tr title="${folderOf(run)}"><th scope="row"><span class="key s${arm.color % 10}"></span>${arm.label}</th><td class="number">${run.start.seed}</td><td>${sorting.split === 'test' ? 'test' : 'training'}</td><td>${sorting.human!.level}</td>${cells(overall)}${cells(within)}${cells(untrained)}</tr>`,
  )}</tbody></table>`;
};
