import { validationScore } from '../../events/index.js';
import type { EpochMetrics } from '../../events/index.js';
import { lineFigure } from '../figures/line-figure.js';
import type { Report } from '../report.js';
import { decimal, percent } from './numbers.js';
import { describeLines, overSeeds } from './over-seeds.js';
import { partOf, type Section } from './section.js';

const curves: readonly {
  readonly key: keyof EpochMetrics;
  readonly id: string;
  readonly title: string;
  readonly percent: boolean;
  /** Of all values; 0 by default. */
  readonly least?: number;
}[] = [
  { key: 'validationAccuracy', id: 'validation-accuracy', title: 'Validation accuracy', percent: true },
  { key: 'validationR2', id: 'validation-r2', title: 'Validation R²', percent: false, least: -Infinity },
  { key: 'primaryAccuracy', id: 'training-accuracy', title: 'Training accuracy', percent: true },
  { key: 'primaryR2', id: 'training-r2', title: 'Training R²', percent: false, least: -Infinity },
  { key: 'validationLoss', id: 'validation-loss', title: 'Validation loss', percent: false },
  { key: 'primaryLoss', id: 'training-loss', title: 'Training loss', percent: false },
];

/** Score and loss of the primary task, epoch by epoch. */
export function curvesSection({ arms, runs, tasks }: Report): Section | undefined {
  const drawn = tasks.flatMap((task) => curves.map((curve) => ({ ...curve, ...partOf(task, tasks, curve), task })));
  const figures = drawn.flatMap(({ key, percent: isShare, least = 0, task, ...about }) => {
    const lines = task.arms.flatMap((arm) => overSeeds(arm, ({ metrics }) => metrics[key]) ?? []);
    if (lines.length === 0) return [];
    const description = describeLines(lines, isShare ? percent : (value) => decimal(value, 3));
    return lineFigure({
      ...about,
      description,
      lines,
      xLabel: 'epoch',
      percent: isShare,
      limits: isShare ? [0, 1] : [least, Infinity],
    });
  });
  if (figures.length === 0) return undefined;
  const several = arms.some(({ runs }) => runs.length > 1);
  return {
    id: 'curves',
    title: 'Learning curves',
    lead: `The primary task through training${several ? ': mean over seeds, with one standard deviation either way' : ''}.`,
    figures,
    ...(runs.every(({ epochs }) => epochs.every(({ metrics }) => validationScore(metrics) === undefined)) && {
      caption: 'These runs held no samples out for validation (dataset.validation).',
    }),
  };
}
