import { agreement, agreementWithin, type Agreement } from '../agreement.js';
import { dotFigure, type DotRow } from '../figures/dot-figure.js';
import { markup, type Content } from '../markup.js';
import type { LearnedRun, Report } from '../report.js';
import { estimate } from '../../compare/index.js';
import { decimal } from './numbers.js';
import type { Section } from './section.js';

/** Agreements of one run's labels with the human level. */
interface Row extends LearnedRun {
  readonly overall: Agreement;
  /** Inside the primary classes. */
  readonly within: Agreement | undefined;
  readonly untrained: Agreement | undefined;
}

/** Whether the learned classes are those that people made, and the same from seed to seed. */
export function agreementSection({ arms, learned, folderOf }: Report): Section | undefined {
  const rows = learned.flatMap((one): Row | [] => {
    const { human, assigned, untrained, primary } = one.labelling;
    if (!human) return [];
    return {
      ...one,
      overall: agreement(assigned, human.labels),
      within: agreementWithin(primary, assigned, human.labels),
      untrained: agreementWithin(primary, untrained, human.labels),
    };
  });
  const figureRows = arms.flatMap((arm): DotRow[] => {
    const own = rows.filter((row) => row.arm === arm && row.within);
    const [human] = own.map(({ labelling }) => labelling.human!.level);
    const seedRows = own.map(({ run, within }) => ({ value: within!.nmi, title: `seed ${run.start.seed}` }));
    const untrained = own.flatMap(({ run, untrained }) =>
      untrained ? { value: untrained.nmi, title: `seed ${run.start.seed}, before training` } : [],
    );
    const pairs = betweenSeeds(learned.filter((one) => one.arm === arm));
    return [
      dotRow(arm, `${arm.label} with ${human ?? ''}`, seedRows),
      dotRow({ color: 0 }, `${arm.label} with ${human ?? ''}, before training`, untrained),
      dotRow(arm, `${arm.label} between seeds`, pairs),
    ].filter(({ values }) => values.length > 0);
  });
  if (figureRows.length === 0) return undefined;
  return {
    id: 'agreement',
    title: 'Agreement',
    lead: 'Are the learned classes those that people made, and the same from seed to seed? Each test sample counts for the auxiliary class with its highest assignment. Normalised mutual information (NMI) and adjusted Rand index (ARI) say how far two ways of sorting agree, whatever the classes are called: 1 is the same, 0 independent. Inside the primary classes, what the primary class itself gives away doesn’t count.',
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

/** Without an interval: agreements of pairs of runs aren't independent of one another. */
const dotRow = ({ color }: { readonly color: number }, label: string, values: DotRow['values']): DotRow => {
  const { n, mean } = estimate(values.map(({ value }) => value));
  return { label, color, values, estimate: { n, mean }, note: decimal(mean) };
};

/** Every two runs of an arm that labelled the same samples. */
function betweenSeeds(runs: readonly LearnedRun[]): DotRow['values'] {
  return runs.flatMap((a, i) =>
    runs.slice(i + 1).flatMap((b) => {
      const [first, second] = [a.labelling, b.labelling];
      if (!same(first.primary, second.primary)) return [];
      const within = agreementWithin(first.primary, first.assigned, second.assigned);
      return within ? { value: within.nmi, title: `seeds ${a.run.start.seed} and ${b.run.start.seed}` } : [];
    }),
  );
}

const same = (a: Int32Array, b: Int32Array): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

const table = (rows: readonly Row[], folderOf: Report['folderOf']): Content => {
  const cells = (value: Agreement | undefined): Content =>
    markup`<td class="number">${value ? decimal(value.nmi) : '–'}</td><td class="number">${value ? decimal(value.ari) : '–'}</td>`;
  return markup`<table><caption>Agreement of the learned classes with the level of people</caption><thead><tr><th scope="col" rowspan="2">strategy</th><th scope="col" rowspan="2" class="number">seed</th><th scope="col" rowspan="2">level</th><th scope="colgroup" colspan="2" class="number">overall</th><th scope="colgroup" colspan="2" class="number">inside the primary classes</th><th scope="colgroup" colspan="2" class="number">the same, before training</th></tr><tr>${[
    1, 2, 3,
  ].map(
    () => markup`<th scope="col" class="number">NMI</th><th scope="col" class="number">ARI</th>`,
  )}</tr></thead><tbody>${rows.map(
    ({ arm, run, labelling, overall, within, untrained }) =>
      markup`<tr title="${folderOf(run)}"><th scope="row"><span class="key s${arm.color % 10}"></span>${arm.label}</th><td class="number">${run.start.seed}</td><td>${labelling.human!.level}</td>${cells(overall)}${cells(within)}${cells(untrained)}</tr>`,
  )}</tbody></table>`;
};
