import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { temporaryFolder } from '../datasets/folder.js';
import { idxBytes } from '../datasets/idx-bytes.js';
import { matBytes, matVariable } from '../datasets/mat-bytes.js';
import { checkBuiltIn } from './built-in.js';

// Small files in the format of every dataset.
const folder = temporaryFolder();
function write(path: string, bytes: Uint8Array | string): string {
  const file = join(folder.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return file;
}
const noise = (length: number, start: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (start * 31 + i * i * 7) % 251);
const digits = Array.from({ length: 40 }, (_, n) => n % 10);

for (const name of ['mnist', 'fashion'])
  for (const part of ['train', 't10k']) {
    write(`${name}/${part}-images-idx3-ubyte`, idxBytes('u8', [40, 4, 4], noise(40 * 16, 1)));
    write(`${name}/${part}-labels-idx1-ubyte`, idxBytes('u8', [40], digits));
  }

const record = (...labels: number[]) => Buffer.concat([Uint8Array.from(labels), noise(3072, labels.at(-1)!)]);
for (const file of [...[1, 2, 3, 4, 5].map((part) => `data_batch_${part}`), 'test_batch'])
  write(`cifar10/${file}.bin`, Buffer.concat(digits.map((digit) => record(digit))));
// Superclasses of the first classes, as the authors number them.
const fine = [4, 1, 14, 8, 0, 6, 7, 7, 18, 3].map((superclass, label) => record(superclass, label));
for (const part of ['train', 'test'])
  write(`cifar100/${part}.bin`, Buffer.concat([...fine, ...fine, ...fine, ...fine]));

const images = matVariable({ name: 'X', shape: [32, 32, 3, 40], data: noise(3072 * 40, 1) });
const labels = matVariable({ name: 'y', shape: [40, 1], data: Uint8Array.from(digits, (digit) => digit || 10) });
for (const part of ['train', 'test']) write(`svhn/${part}_32x32.mat`, matBytes(images, labels));

const picture = (level: number) =>
  sharp({ create: { width: 32, height: 32, channels: 3, background: { r: level, g: 99, b: 9 } } })
    .png()
    .toBuffer();
const things = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
for (const [label, thing] of things.entries())
  for (const [part, count] of [
    ['train', 4],
    ['valid', 2],
    ['test', 2],
  ] as const)
    for (let n = 0; n < count; n++) write(`cinic10/${part}/${thing}/${n}.png`, await picture(20 * label + n));

const tile = 34;
const sheet = await sharp(noise((10 * tile) ** 2, 1), { raw: { width: 10 * tile, height: 10 * tile, channels: 1 } })
  .png()
  .toBuffer();
write('emoji/img/google/sheets/32.png', sheet);
const emoji = Array.from({ length: 96 }, (_, n) => ({
  unified: `1F${n}`,
  category: n % 2 === 0 ? 'Animals' : 'People',
  subcategory: ['bird', 'open', 'fish', 'closed'][n % 4]!,
  sort_order: n,
  sheet_x: n % 10,
  sheet_y: Math.floor(n / 10),
  has_img_google: true,
}));
write('emoji/emoji.json', JSON.stringify(emoji));

const rows = digits.map((digit, n) => `${digit % 2 ? 'odd' : 'even'},n${digit},${n * 0.5},${(n * n) % 7}`);
const table = write('table.csv', ['parity,digit,a,b', ...rows].join('\n'));

const days = digits.map((digit, n) => `2000,1,${n % 31},${n % 7},${9000 + 100 * digit + n}`);
write('us-births/data.csv', ['year,month,date_of_month,day_of_week,births', ...days].join('\n'));
const regression = { loss: { use: 'mean-squared-error' }, auxiliaryLoss: { use: 'cross-entropy' } };

const sizes = { train: 20, validation: 4, heldOut: 4, test: 6, batch: 5 };
const at = (name: string, more = {}) => ({ path: join(folder.path, name), ...sizes, ...more });
const idx = (part: string, what: string) => join(folder.path, `mnist/${part}-${what}-ubyte`);
const refuses = [{ primary: 'colour' }, { train: 0 }, { batch: 'all' }];

// The first with whole runs; the others are read by the same code around them.
checkBuiltIn('dataset', {
  mnist: [{ keys: at('mnist', { fine: 'digit', primary: 'parity' }), refuses }],
  'fashion-mnist': [{ keys: at('fashion'), runs: false, refuses }],
  cifar10: [
    { keys: at('cifar10', { partial: true, augment: { crop: 2, flip: true }, normalise: 'channels' }), refuses },
  ],
  cifar100: [{ keys: at('cifar100', { partial: true, primary: 'superclass', fine: 'class' }), runs: false }],
  svhn: [{ keys: at('svhn'), runs: false }],
  cinic10: [{ keys: at('cinic10'), runs: false }],
  emoji: [{ keys: at('emoji'), runs: false }],
  'image-folder': [{ keys: at('cinic10', { size: 8 }), runs: false, refuses: [{ size: 0 }] }],
  idx: [
    {
      keys: {
        trainImages: idx('train', 'images-idx3'),
        trainLabels: idx('train', 'labels-idx1'),
        testImages: idx('t10k', 'images-idx3'),
        testLabels: idx('t10k', 'labels-idx1'),
        ...sizes,
      },
      runs: false,
      refuses: [{ trainImages: 3 }],
    },
  ],
  'us-births': [{ keys: at('us-births'), pipeline: regression, runs: false, refuses: [{ primary: 'month' }] }],
  csv: [
    { keys: { file: table, levels: ['parity', 'digit'], ...sizes, primary: 'parity' }, refuses: [{ levels: [] }] },
    {
      keys: { file: table, target: 'a', ignore: ['parity', 'digit'], ...sizes },
      pipeline: regression,
      refuses: [{ target: 3 }],
    },
  ],
});
