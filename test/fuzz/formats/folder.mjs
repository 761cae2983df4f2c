import fc from 'fast-check';
import sharp from 'sharp';
import { evilNames } from '../mutate.mjs';

const image = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
  .png()
  .toBuffer();
/** A name that a folder can have, as hostile as it may be. */
const name = fc.oneof(
  {
    arbitrary: fc.constantFrom('cat', 'dog', '1', '10', 'train', 'valid', '.hidden', 'x.png', '\n', '%2e%2e', '-rf'),
    weight: 4,
  },
  { arbitrary: evilNames.filter((each) => !/[/\0]|^\.{0,2}$/.test(each)), weight: 1 },
);
const path = fc
  .tuple(
    fc.constantFrom('train', 'train', 'test', 'valid'),
    fc.array(name, { maxLength: 3 }),
    fc.constantFrom('1.png', '2.PNG', 'a.jpg', 'note.txt'),
  )
  .map(([split, folders, file]) => [split, ...folders, file].join('/'));
const usual = { 'train/cat/1.png': image, 'train/dog/1.png': image, 'test/cat/2.png': image };

/** Links that lead up, around, sideways, nowhere and to what isn't a file. */
const link = fc.tuple(
  fc
    .tuple(fc.constantFrom('train', 'train/cat', 'train/dog', 'test'), fc.integer({ min: 0, max: 30 }))
    .map(([folder, i]) => `${folder}/link${i}`),
  fc.constantFrom('.', '..', '../cat', '../dog', 'nowhere', '/dev/null', '/dev/zero', '../../..', 'link1'),
);
const linkedImage = fc.tuple(
  fc.constantFrom('train/cat/9.png', 'test/cat/9.png'),
  fc.constantFrom('/dev/zero', '/dev/null', '9.png', '..', 'nowhere'),
);

/** @type {import('./index.mjs').Format} */
export const folderFormat = {
  name: 'folder',
  inputs: fc.record({
    files: fc
      .tuple(
        fc.boolean(),
        fc.array(fc.tuple(path, fc.constantFrom(image, image, image, new Uint8Array(0))), { maxLength: 4 }),
      )
      .map(([whole, more]) => ({ ...(whole && usual), ...Object.fromEntries(more) })),
    links: fc.oneof(
      { arbitrary: fc.constant([]), weight: 3 },
      { arbitrary: fc.array(link, { maxLength: 3 }), weight: 2 },
      { arbitrary: fc.array(linkedImage, { maxLength: 1 }), weight: 1 },
      {
        arbitrary: fc
          .constantFrom('.', '..')
          .map((to) => Array.from({ length: 20 }, (_, i) => [`train/cat/link${i}`, to])),
        weight: 1,
      },
    ),
  }),
  async read({ ImageFolder, ImageFolderConfig, Random, use }, folder) {
    const config = ImageFolderConfig.parse({ path: folder, size: 4, batch: 2 });
    use(await new ImageFolder(config, new Random(1)).load());
  },
};
