import { galleryFigure } from '../figures/gallery-figure.js';
import type { Report } from '../report.js';
import { list } from './numbers.js';
import { slug, type Section } from './section.js';

/** Primary classes shown of each strategy. */
const blockLimit = 12;

/** The images that each auxiliary class stands for. */
export function gallerySection({ arms, labelled }: Report): Section | undefined {
  const firsts = arms.flatMap((arm) => labelled.find((one) => one.arm === arm && one.labelling.gallery) ?? []);
  const figures = firsts.flatMap(({ arm, run, labelling: { blocks, gallery, assigned, split } }) =>
    blocks.slice(0, blockLimit).map(({ name, start, size }) => {
      const inside = assigned.filter((k) => k >= start && k < start + size);
      return galleryFigure({
        id: `gallery-${slug(arm.label)}-${slug(name)}`,
        title: `${name}: ${arm.label}, seed ${run.start.seed}`,
        description: `${split === 'test' ? 'test' : 'training'} images with the highest assignment to each of ${size} auxiliary classes`,
        rows: gallery!.slice(start, start + size).map((row, k) => ({
          ...row,
          label: `class ${k + 1}`,
          share: inside.length > 0 ? inside.filter((one) => one === start + k).length / inside.length : 0,
        })),
      });
    }),
  );
  if (figures.length === 0) return undefined;
  const cut = firsts.filter(({ labelling }) => labelling.blocks.length > blockLimit);
  return {
    id: 'gallery',
    title: 'Gallery',
    lead: 'For each auxiliary class the images with the highest assignment, of the test split for learned labels and of the training split for fixed ones, which only those have; hold the pointer over one for its class by people and its assignment. The percentage is the share of the primary class’s images that have it as their highest.',
    figures,
    ...(cut.length > 0 && {
      caption: `Only the first ${blockLimit} primary classes of ${list(cut.map(({ arm }) => arm.label))} are shown.`,
    }),
  };
}
