import { findFiles } from './find-files.js';
import { installedPackage, installs } from './installed-package.js';

const name = 'emoji-datasource-google';

/**
 * The list of emoji and the sheet of their pictures, as the npm package `emoji-datasource-google` holds them.
 * @throws DataError where they are not there.
 */
export function emojiFiles(path: string | undefined): { readonly list: string; readonly sheet: string } {
  const [list, sheet] = findFiles({
    name: 'emoji',
    path,
    places: installedPackage(name, 'emoji.json'),
    files: [['emoji.json'], ['img/google/sheets/32.png']],
    ways: installs(name, '75 MB'),
  });
  return { list: list!, sheet: sheet! };
}
