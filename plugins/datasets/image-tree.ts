import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../core/errors/index.js';
import { unreadable } from './unreadable.js';

const image = /\.(png|jpe?g|webp)$/i;
const deepest = 8;

/** An image and the class folders it lies in, coarse to fine. */
export interface FiledImage {
  readonly file: string;
  readonly folders: readonly string[];
}

/**
 * The images (PNG, JPEG, WebP by their names) below a split's folder, in the order of their names. Other files, and names
 * that begin with a dot, are passed over; symbolic links are followed.
 * @throws DataError for a folder that can't be read, holds no images or is reached twice by links, and for an image in no
 *   class folder.
 */
export async function listImages(root: string): Promise<FiledImage[]> {
  const found = await imagesBelow(root, [], new Map());
  const loose = found.find(({ folders }) => folders.length === 0);
  if (!loose) return found;
  throw new DataError('data/unlabelled-image', `${loose.file}: lies in no class folder`, {
    hint: `Images are labelled by the folders between ${root} and them.`,
  });
}

/** @param met the folders so far by their real paths: links from folder to folder would make ever more images of a few. */
async function imagesBelow(root: string, folders: readonly string[], met: Map<string, string>): Promise<FiledImage[]> {
  const folder = join(root, ...folders);
  const refuse = (cause: unknown) => {
    throw unreadable(folder, cause);
  };
  const real = await realpath(folder).catch(refuse);
  const other = met.get(real);
  if (other !== undefined)
    throw new DataError('data/repeated-folder', `${folder}: the same folder as ${other}`, {
      hint: 'A link leads there; its images would count twice.',
    });
  met.set(real, folder);
  if (folders.length > deepest) throw new DataError('data/too-deep', `${folder}: more than ${deepest} folders deep`);
  const names = await readdir(folder).catch(refuse);
  const found: FiledImage[] = [];
  for (const name of names.filter((entry) => !entry.startsWith('.')).sort()) {
    const path = join(folder, name);
    if (image.test(name)) found.push({ file: path, folders });
    // One by one: spread into a call, the images of a large folder would be too many arguments.
    else if (await isFolder(path))
      for (const each of await imagesBelow(root, [...folders, name], met)) found.push(each);
  }
  if (found.length > 0) return found;
  throw new DataError('data/empty-folder', `${folder}: holds no images`, {
    hint: 'Images are files ending in .png, .jpg, .jpeg or .webp.',
  });
}

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isDirectory(),
    (cause: unknown) => {
      throw unreadable(path, cause);
    },
  );
