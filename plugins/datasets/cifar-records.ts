import type { Samples } from '../../core/datasets/index.js';
import { DataError } from '../../core/errors/index.js';
import type { Level } from '../../core/stages/index.js';
import { bytesAt } from './bytes-at.js';
import { withFile } from './open-file.js';
import { room } from './room.js';
import { channelsLast, copyImage } from './stored-images.js';

export const imageShape = [32, 32, 3] as const;
const imageBytes = 3072;
/** Three planes of 32 rows. */
const planes = channelsLast(imageShape, { row: 32, column: 1, channel: 1024 });
const recordsPerRead = 512;

/**
 * Reads files of CIFAR's binary format: records of one byte per label, then 1,024 bytes each of red, green and blue.
 * @param levels of the label bytes, in their order; where one refines the one before, the labels must agree.
 * @param records that each file holds as it was published; any number where it isn't given.
 * @returns images `[32, 32, 3]` as bytes, and labels of every level.
 * @throws DataError for a file that is missing, cut off, of other records than published, or holds labels that `levels` don't have, with the byte at fault.
 */
export async function readCifar(
  paths: readonly string[],
  levels: readonly Level[],
  records?: number,
): Promise<Samples> {
  const counts = await Promise.all(paths.map((path) => countRecords(path, levels.length, records)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const inputs = room(total * imageBytes, paths.join(', '));
  const labels = levels.map(() => new Uint8Array(total));

  let first = 0;
  for (const [index, path] of paths.entries()) {
    await readRecords(
      path,
      levels,
      inputs.subarray(first * imageBytes),
      labels.map((all) => all.subarray(first)),
    );
    first += counts[index]!;
  }
  return { inputs, labels: Object.fromEntries(levels.map(({ name }, index) => [name, labels[index]!])) };
}

async function countRecords(path: string, labelBytes: number, published: number | undefined): Promise<number> {
  const size = await withFile(path, async (_, bytes) => bytes);
  const recordBytes = labelBytes + imageBytes;
  const whole = Math.floor(size / recordBytes);
  if (whole > 0 && size % recordBytes === 0) {
    if (published === undefined || whole === published) return whole;
    throw new DataError(
      'data/other-size',
      `${path}, byte ${size}: the file ends here, after ${whole} records; the published one has ${published}`,
      { hint: 'Fetch the file again; where a part of the data is meant, set `dataset.partial: true`.' },
    );
  }
  throw new DataError(
    'data/truncated',
    `${path}, byte ${size}: the file ends here, after ${whole} whole records; each has ${recordBytes} bytes (${labelBytes} of labels, ${imageBytes} of image)`,
    { hint: 'The download or copy may have stopped half-way, or this is another format; fetch the file again.' },
  );
}

async function readRecords(
  path: string,
  levels: readonly Level[],
  inputs: Uint8Array,
  labels: readonly Uint8Array[],
): Promise<void> {
  const recordBytes = levels.length + imageBytes;
  await withFile(path, async (file) => {
    for (let record = 0; ;) {
      const block = await bytesAt(file, record * recordBytes, recordsPerRead * recordBytes);
      const whole = Math.floor(block.length / recordBytes);
      if (whole === 0) return;
      for (let index = 0; index < whole; index++, record++) {
        const bytes = block.subarray(index * recordBytes, (index + 1) * recordBytes);
        checkLabels(bytes, levels, path, record * recordBytes);
        for (const [level, all] of labels.entries()) all[record] = bytes[level]!;
        copyImage(bytes.subarray(levels.length), planes, inputs, record * imageBytes);
      }
    }
  });
}

function checkLabels(record: Uint8Array, levels: readonly Level[], path: string, offset: number): void {
  for (const [index, { name, classes, parent }] of levels.entries()) {
    const label = record[index]!;
    const where = `${path}, byte ${offset + index}`;
    if (label >= classes.length)
      throw new DataError(
        'data/label-out-of-range',
        `${where}: label ${label}, but the ${classes.length} classes of level "${name}" are 0 to ${classes.length - 1}`,
        { hint: 'CIFAR-10 has one label byte per record, CIFAR-100 two; this may be the file of the other.' },
      );
    const above = levels[index - 1];
    if (above && parent?.level === above.name && parent.of[label] !== record[index - 1])
      throw new DataError(
        'data/label-mismatch',
        `${where}: class "${classes[label]}" belongs to "${above.classes[parent.of[label]!]}", but the byte before says "${above.classes[record[index - 1]!]}"`,
      );
  }
}
