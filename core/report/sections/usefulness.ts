import type { Arm } from '../arms.js';
import { lineFigure, type Line } from '../figures/line-figure.js';
import type { Report } from '../report.js';
import { quantile } from '../quantile.js';
import { decimal } from './numbers.js';
import { describeLines, overSeeds } from './over-seeds.js';
import type { Section } from './section.js';

/** How well the auxiliary task's gradient points along the primary one's, through training. */
export function usefulnessSection({ arms }: Report): Section | undefined {
  const lines = arms.flatMap((arm) => lineOf(arm) ?? []);
  if (lines.length === 0) return undefined;
  return {
    id: 'usefulness',
    title: 'Gradient usefulness',
    lead: 'The cosine of the primary and the auxiliary gradient over the weights that both tasks share. Above 0 the auxiliary task pulls the shared weights where the primary task wants them; at 0 it says nothing of it; below 0 it works against it.',
    figures: [
      lineFigure({
        id: 'gradient-cosine',
        title: 'Cosine of primary and auxiliary gradient',
        description: describeLines(lines, decimal),
        lines,
        xLabel: 'epoch',
        limits: [-1, 1],
        zero: true,
      }),
    ],
    caption:
      'Lines are means over the steps of an epoch. Bands: one standard deviation over seeds; for a single run, the middle half of its steps.',
  };
}

/** A single run has no spread over seeds, but one over steps. */
function lineOf(arm: Arm): Line | undefined {
  const line = overSeeds(arm, ({ metrics }) => metrics.gradientCosine);
  if (!line || arm.runs.length > 1) return line;
  const steps = new Map(arm.runs[0]!.epochs.map(({ epoch, cosines }) => [epoch, cosines]));
  const points = line.points.map((point) => {
    const cosines = steps.get(point.x) ?? [];
    return cosines.length < 4 ? point : { ...point, low: quantile(cosines, 0.25), high: quantile(cosines, 0.75) };
  });
  return { ...line, points };
}
