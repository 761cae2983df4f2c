import type { EpochMetrics } from '../../events/index.js';
import { lineFigure, type LineFigure } from '../figures/line-figure.js';
import { shareFigure } from '../figures/share-figure.js';
import type { Report } from '../report.js';
import { decimal, percent } from './numbers.js';
import { describeLines, overSeeds } from './over-seeds.js';
import { slug, type Section } from './section.js';

const curves: readonly (Pick<LineFigure, 'id' | 'title'> & { readonly key: keyof EpochMetrics })[] = [
  { key: 'labelEvenness', id: 'label-evenness', title: 'Evenness: are all classes used?' },
  { key: 'labelSharpness', id: 'label-sharpness', title: 'Sharpness: do labels tell samples apart?' },
  { key: 'metaShare', id: 'meta-share', title: 'Share of the meta-gradient in the update' },
];

/** Which auxiliary classes each primary class uses, and how that came about. */
export function labelUseSection({ arms }: Report): Section | undefined {
  const uses = arms.flatMap(({ label, color, runs }) => {
    const run = runs.find(({ epochs }) => epochs.at(-1)?.labelUse);
    return run ? [{ label, color, seed: run.start.seed, use: run.epochs.at(-1)!.labelUse! }] : [];
  });
  const figures = uses.map(({ label, color, seed, use }) =>
    shareFigure({
      id: `label-use-${slug(label)}`,
      title: `Use of the classes: ${label}, seed ${seed}`,
      description: use.map(({ primaryClass, effectiveClasses, shares }) => `${primaryClass} uses ${decimal(effectiveClasses, 1)} of ${shares.length}`).join('; '), // prettier-ignore
      color,
      rows: use.map(({ primaryClass, shares, effectiveClasses, metaShare }) => ({
        label: primaryClass,
        shares,
        note: [
          `${decimal(effectiveClasses, 1)} of ${shares.length}`,
          ...(metaShare === undefined ? [] : [`meta ${percent(metaShare, 0)}`]),
        ].join(', '),
      })),
    }),
  );
  const lines = curves.flatMap(({ key, ...about }) => {
    const lines = arms.flatMap((arm) => overSeeds(arm, ({ metrics }) => metrics[key]) ?? []);
    if (lines.length === 0) return [];
    const description = describeLines(lines, percent);
    return lineFigure({ ...about, description, lines, xLabel: 'epoch', percent: true, limits: [0, 1], zero: true });
  });
  if (figures.length + lines.length === 0) return undefined;
  return {
    id: 'label-use',
    title: 'Label use',
    lead: 'How the training samples of each primary class spread over its auxiliary classes in the last epoch. The number is the effective count of classes, exp of the shares’ entropy: 1 is collapse, the size of the block is even use; meta is the meta-gradient’s share beside the entropy term in what moves the labels of that class. Even use alone says little: labels that are the same mixture for every sample are even as well.',
    figures: [...figures, ...lines],
    ...(lines.length > 0 && {
      caption:
        'Evenness: entropy of the mean label over that of a uniform one. Sharpness: mutual information of sample and label over the same; 0 where all samples of a primary class have one label.',
    }),
  };
}
