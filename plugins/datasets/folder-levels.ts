import type { Grouping } from '../../core/datasets/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import type { Level } from '../../core/stages/index.js';
import type { FiledImage } from './image-tree.js';

/** Names of the levels of nested folders, by their number. */
const usualNames = [['class'], ['group', 'class'], ['domain', 'group', 'class']];

/** Label levels made of class folders. */
export interface FolderLevels {
  /** The finest level. */
  readonly base: Pick<Level, 'name' | 'classes'>;
  /** The coarser ones, as groups of its classes. */
  readonly groupings: Readonly<Record<string, Grouping>>;
  /** The class of an image in the finest level. */
  label(image: FiledImage): number;
}

/**
 * One level per depth of folders. A class is named like its folder, or by its path where another folder of that depth has
 * the same name; classes are in the order of their paths.
 * @param images of the training split, which has all classes.
 * @param names of the levels, coarse to fine.
 * @throws DataError for images at different depths, or of a class that the training split lacks; ConfigError for a number of names that doesn't fit.
 */
export function folderLevels(images: readonly FiledImage[], names: readonly string[] | undefined): FolderLevels {
  const { length: depth } = images[0]!.folders;
  const levels = names ?? usualNames[depth - 1];
  if (levels?.length !== depth || new Set(levels).size < depth)
    throw ConfigError.of(
      'config/folder-levels',
      ['dataset', 'folders'],
      `${images[0]!.file} lies ${depth} class folders deep; give each its own level name, coarse to fine`,
    );
  const paths = [...new Set(images.map((each) => pathOf(each, depth)))].sort();
  const labels = new Map(paths.map((path, label) => [path, label]));
  const classes = classNames(paths);

  const groupings = levels.slice(0, -1).map((name, index): [string, Grouping] => {
    const prefixes = paths.map((path) =>
      path
        .split('/')
        .slice(0, index + 1)
        .join('/'),
    );
    const members = new Map<string, number[]>();
    for (const prefix of prefixes) members.set(prefix, []);
    for (const [label, prefix] of prefixes.entries()) members.get(prefix)!.push(label);
    const named = classNames([...members.keys()]);
    return [name, Object.fromEntries([...members.values()].map((labels, group) => [named[group]!, labels]))];
  });
  return {
    base: { name: levels.at(-1)!, classes },
    groupings: Object.fromEntries(groupings),
    label: (each) => {
      const label = labels.get(pathOf(each, depth));
      if (label !== undefined) return label;
      throw new DataError(
        'data/unknown-class',
        `${each.file}: no training image is of class "${each.folders.join('/')}"`,
        { hint: `Classes: ${paths.slice(0, 20).join(', ')}${paths.length > 20 ? ', ...' : ''}.` },
      );
    },
  };
}

function pathOf({ file, folders }: FiledImage, depth: number): string {
  if (folders.length === depth) return folders.join('/');
  throw new DataError('data/uneven-folders', `${file}: lies ${folders.length} class folders deep, others ${depth}`, {
    hint: 'Each depth of folders is one label level, so all images lie equally deep.',
  });
}

function classNames(paths: readonly string[]): string[] {
  const leaves = paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
  const counts = new Map<string, number>();
  for (const leaf of leaves) counts.set(leaf, (counts.get(leaf) ?? 0) + 1);
  return leaves.map((leaf, index) => (counts.get(leaf) === 1 ? leaf : paths[index]!));
}
