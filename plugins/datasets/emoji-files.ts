import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findFiles } from './find-files.js';

const name = 'emoji-datasource-google';

/** Folders of the npm package where it can be found from the working folder, or from this plugin. */
function installed(): readonly string[] {
  return [pathToFileURL(join(process.cwd(), 'any')).href, import.meta.url].flatMap((from) => {
    try {
      return [dirname(createRequire(from).resolve(`${name}/emoji.json`))];
    } catch {
      return [];
    }
  });
}

/**
 * The list of emoji and the sheet of their pictures, as the npm package `emoji-datasource-google` holds them.
 * @throws DataError where they are not there.
 */
export function emojiFiles(path: string | undefined): { readonly list: string; readonly sheet: string } {
  const [list, sheet] = findFiles({
    name: 'emoji',
    path,
    places: [...installed(), join(process.cwd(), 'node_modules', name)],
    files: [['emoji.json'], ['img/google/sheets/32.png']],
    ways: `run \`npm install ${name}\` (75 MB) in the folder that you work in`,
  });
  return { list: list!, sheet: sheet! };
}
