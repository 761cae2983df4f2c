import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { grouping, hierarchy, inMemoryDataset } from '../../core/datasets/index.js';
import { path } from '../../core/plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { emojiFiles } from './emoji-files.js';
import { readEmojiList } from './emoji-list.js';
import { emojiSamples } from './emoji-samples.js';
import { readEmojiSheet, tileSize } from './emoji-sheet.js';

/** Keys of the `emoji` stage. */
export const EmojiConfig = z.strictObject({
  ...datasetOptions,
  path: path()
    .describe('folder of the npm package emoji-datasource-google; where it is installed by default')
    .optional(),
  levels: z.record(z.string(), grouping).default({}).describe('more label levels: groups of subgroups by name'),
});

/**
 * Emoji as Google draws them, in all skin tones, `[32, 32, 3]` in [0, 1] on white; levels group (9) and subgroup (98). All
 * pictures of one emoji, and of those that look the same, are in one split.
 */
@injectable()
export class Emoji implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof EmojiConfig>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { path: folder, levels, ...options } = this.config;
    const files = emojiFiles(folder);
    const emoji = await readEmojiList(files.list);
    const base = { name: 'subgroup', classes: [...new Set(emoji.map(({ subgroup }) => subgroup))] };
    const groups: Record<string, string[]> = {};
    for (const [subgroup, group] of new Map(emoji.map((each) => [each.subgroup, each.group])))
      (groups[group] ??= []).push(subgroup);
    return inMemoryDataset({
      name: 'emoji',
      inputShape: [tileSize, tileSize, 3],
      levels: hierarchy(base, { group: groups, ...levels }, options.primary),
      primary: base.name,
      ...emojiSamples(emoji, await readEmojiSheet(files.sheet), base.classes),
      scale: 1 / 255,
      options,
      random: this.random,
    });
  }
}
