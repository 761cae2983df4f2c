import type { Samples } from '../../core/datasets/index.js';
import { emojiGroups } from './emoji-groups.js';
import type { Emoji } from './emoji-list.js';
import { type EmojiSheet, tileSize } from './emoji-sheet.js';
import { testEmoji } from './emoji-split.js';
import { takingTurns } from './taking-turns.js';

const imageBytes = tileSize ** 2 * 3;

/**
 * One sample per picture, the training ones apart from those to test on; emoji take turns by subgroup.
 * @param subgroups the classes of level `subgroup`.
 * @throws DataError for an emoji that the sheet has no picture of.
 */
export function emojiSamples(
  emoji: readonly Emoji[],
  sheet: EmojiSheet,
  subgroups: readonly string[],
): Record<'train' | 'test', Samples> {
  const pictures = emoji.map(({ tiles }) => {
    const images = new Uint8Array(tiles.length * imageBytes);
    for (const [index, tile] of tiles.entries()) sheet.copy(tile, images, index * imageBytes);
    return images;
  });
  const groups = emojiGroups(pictures.map(keys));
  const tested = testEmoji(emoji, groups);

  const samples = (test: boolean): Samples => {
    const own = [...emoji.keys()].filter((index) => tested.has(groups[index]!) === test);
    const chosen = takingTurns(own, (index) => emoji[index]!.subgroup);
    const each = (value: (index: number) => number) =>
      Int32Array.from(chosen.flatMap((index) => emoji[index]!.tiles.map(() => value(index))));
    return {
      inputs: new Uint8Array(Buffer.concat(chosen.map((index) => pictures[index]!))),
      labels: { subgroup: each((index) => subgroups.indexOf(emoji[index]!.subgroup)) },
      groups: each((index) => groups[index]!),
    };
  };
  return { train: samples(false), test: samples(true) };
}

/** For each picture, a key that is the same where the picture is. */
const keys = (images: Uint8Array): string[] =>
  Array.from({ length: images.length / imageBytes }, (_, index) =>
    Buffer.from(images.buffer, index * imageBytes, imageBytes).toString('latin1'),
  );
