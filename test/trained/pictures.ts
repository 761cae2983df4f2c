import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { Generator } from '../../core/engine/index.js';
import { builtIn, controls, defaults } from '../../plugins/built-in.js';
import { auxflow } from '../cli/command-line.js';
import type { Folder } from '../config/folder.js';

/** Colours by class, classes by group. */
const groups = {
  warm: { red: [200, 40, 40], orange: [220, 130, 30] },
  cold: { blue: [40, 60, 200], green: [40, 160, 80] },
};

export const sizes = { train: 8, test: 3 };

/** Writes `pictures/split/group/class/N.png`, 14 x 12 pixels of noise around each class's colour. */
export async function drawPictures(folder: Folder): Promise<void> {
  const random = Generator.for(1, 'pictures');
  for (const [split, count] of Object.entries(sizes)) {
    for (const [group, classes] of Object.entries(groups)) {
      for (const [name, colour] of Object.entries(classes)) {
        for (let n = 0; n < count; n++) {
          const file = join(folder.path, 'pictures', split, group, name, `${n}.png`);
          // The first blue one is orange, so that no network is right everywhere.
          const shown = name === 'blue' && n === 0 ? groups.warm.orange : colour;
          const bytes = Buffer.from(
            Array.from({ length: 14 * 12 * 3 }, (_, i) => shown[i % 3]! + random.uniform(-35, 35)),
          );
          mkdirSync(dirname(file), { recursive: true });
          await sharp(bytes, { raw: { width: 14, height: 12, channels: 3 } })
            .png()
            .toFile(file);
        }
      }
    }
  }
}

/** A pipeline on the pictures; its name is that of the run folder. */
export const picturePipeline = (name: string, changes: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    name,
    seed: '4',
    dataset:
      '{ use: image-folder, path: pictures, size: 12, primary: group, fine: class, batch: 6, validation: 8, normalise: channels }',
    model: '{ use: conv4, channels: 4, hidden: 8 }',
    optimizer: '{ use: sgd, learningRate: 0.05 }',
    auxiliary: '{ use: maxl, psi: 2 }',
    metaStep: '{ use: meta-gradient, optimizer: { use: adam, learningRate: 0.01 } }',
    evaluation: '{ select: validation }',
    epochs: '6',
    ...changes,
  })
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');

/** The command line with the built-in plugins, in a folder. */
export const command = (folder: Folder, ...argv: readonly string[]) =>
  auxflow(argv, { plugins: builtIn, defaults, controls, cwd: folder.path });

/** Trains a pipeline in a folder; its run is `runs/NAME/001`. */
export async function train(
  folder: Folder,
  name: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<void> {
  folder.write(`${name}.yaml`, picturePipeline(name, changes));
  const { code, stderr } = await command(folder, 'run', `${name}.yaml`);
  if (code !== 0) throw new Error(stderr);
}

/** Pictures as a reader of an exported model would make inputs of them: float32 `[n, 12, 12, 3]`, row by row. */
export async function inputsOf(folder: Folder, pictures: readonly string[], modelJson: string) {
  const { userDefinedMetadata } = JSON.parse(modelJson) as {
    userDefinedMetadata: { auxflow: { normalisation: { mean: number[]; deviation: number[] } } };
  };
  const { mean, deviation } = userDefinedMetadata.auxflow.normalisation;
  const values: number[] = [];
  for (const picture of pictures) {
    const bytes = await sharp(join(folder.path, picture)).resize(12, 12).raw().toBuffer();
    values.push(...Array.from(bytes, (byte, i) => (byte / 255 - mean[i % 3]!) / deviation[i % 3]!));
  }
  return { shape: [pictures.length, 12, 12, 3], values };
}
