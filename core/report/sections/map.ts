import { mapFigure } from '../figures/map-figure.js';
import type { Report } from '../report.js';
import { slug, type Section } from './section.js';

/** Human classes whose names find room in a map. */
const nameLimit = 20;

/** How the label network sees the test samples. */
export function mapSection({ maps }: Report): Section | undefined {
  if (maps.length === 0) return undefined;
  return {
    id: 'map',
    title: 'Map',
    lead: 'Test samples as the label network sees them, laid out by UMAP so that near ones stay near. Both maps of a strategy are the same points: coloured by their learned class, and by the class that people gave them.',
    figures: maps.flatMap(({ arm, run, labelling, points, samples }) => {
      const { blocks, assigned, human, primary, primaryClasses } = labelling;
      const names = blocks.flatMap(({ name, size }) => Array.from({ length: size }, (_, k) => `${name} ${k + 1}`));
      const about = { points, description: `${points.length} test samples` };
      const level = human ?? { level: 'primary class', classes: primaryClasses, labels: primary };
      return [
        mapFigure({
          ...about,
          id: `map-${slug(arm.label)}-learned`,
          title: `By learned class: ${arm.label}, seed ${run.start.seed}`,
          labels: samples.map((i) => assigned[i]!),
          classes: names,
        }),
        mapFigure({
          ...about,
          id: `map-${slug(arm.label)}-human`,
          title: `By ${level.level}: ${arm.label}, seed ${run.start.seed}`,
          labels: samples.map((i) => level.labels[i]!),
          classes: level.classes,
          named: level.classes.length <= nameLimit,
        }),
      ];
    }),
  };
}
