import { z } from 'zod';
import { DataError } from '../../core/errors/index.js';
import { readWhole } from './open-file.js';

const place = z.object({ sheet_x: z.int().min(0), sheet_y: z.int().min(0), has_img_google: z.boolean() });
const entries = z
  .array(
    place.extend({
      unified: z.string().min(1),
      category: z.string().min(1),
      subcategory: z.string().min(1),
      sort_order: z.int(),
      skin_variations: z.record(z.string(), place).default({}),
    }),
  )
  .min(1);
/** Skin tones by themselves: no emoji of their own. */
const components = 'Component';

/** An emoji with all its pictures: itself, then its skin tones. */
export interface Emoji {
  /** Its code points, such as `1F600`. */
  readonly codes: string;
  readonly group: string;
  readonly subgroup: string;
  /** Columns and rows in the sheet. */
  readonly tiles: readonly (readonly [column: number, row: number])[];
}

/**
 * Reads emoji-data's `emoji.json`.
 * @returns the emoji that Google has drawn, in Unicode's order.
 * @throws DataError for a file that is missing or not such a list.
 */
export async function readEmojiList(path: string): Promise<readonly Emoji[]> {
  const text = (await readWhole(path, 2 ** 27, 'a list of emoji')).toString('utf8');
  return parsed(text, path)
    .filter(({ category, has_img_google }) => has_img_google && category !== components)
    .sort((a, b) => a.sort_order - b.sort_order || (a.unified < b.unified ? -1 : 1))
    .map(({ unified, category, subcategory, skin_variations, ...own }) => ({
      codes: unified,
      group: category,
      subgroup: subcategory,
      tiles: [own, ...Object.values(skin_variations).filter(({ has_img_google }) => has_img_google)].map(
        ({ sheet_x, sheet_y }) => [sheet_x, sheet_y] as const,
      ),
    }));
}

function parsed(text: string, path: string): z.output<typeof entries> {
  const fault = (message: string, cause: unknown) =>
    new DataError('data/malformed', `${path}: ${message}`, {
      hint: 'Expected the emoji.json of emoji-datasource-google; install the package again.',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fault((cause as Error).message, cause);
  }
  const result = entries.safeParse(value);
  if (result.success) return result.data;
  const { path: keys, message } = result.error.issues[0]!;
  throw fault(`${keys.join('.') || 'the list'}: ${message}`, result.error);
}
