import { readdir, stat } from 'node:fs/promises';
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
 * @throws DataError for a folder that can't be read or holds no images, and for an image in no class folder.
 */
export async function listImages(root: string, folders: readonly string[] = []): Promise<FiledImage[]> {
  const folder = join(root, ...folders);
  if (folders.length > deepest)
    throw new DataError('data/too-deep', `${folder}: more than ${deepest} folders deep; a link may lead back up`);
  const names = await readdir(folder).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const found: FiledImage[] = [];
  for (const name of names.filter((entry) => !entry.startsWith('.')).sort()) {
    const path = join(folder, name);
    if (image.test(name)) found.push({ file: path, folders });
    else if (await isFolder(path)) found.push(...(await listImages(root, [...folders, name])));
  }
  if (found.length === 0)
    throw new DataError('data/empty-folder', `${folder}: holds no images`, {
      hint: 'Images are files ending in .png, .jpg, .jpeg or .webp.',
    });
  if (folders.length === 0 && found.some((each) => each.folders.length === 0))
    throw new DataError(
      'data/unlabelled-image',
      `${found.find((each) => each.folders.length === 0)!.file}: lies in no class folder`,
      {
        hint: `Images are labelled by the folders between ${folder} and them.`,
      },
    );
  return found;
}

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isDirectory(),
    (cause: unknown) => {
      throw unreadable(path, cause);
    },
  );
