/**
 * What is fuzzed.
 *
 * @typedef {typeof import('../../core/errors/index.js').AuxflowError} AuxflowError
 * @typedef {Awaited<ReturnType<typeof readersFrom>>} Readers
 */

/**
 * The readers, built or as sources.
 *
 * @param {(module: string) => Promise<any>} load imports a module by its path without extension
 */
export async function readersFrom(load) {
  await import('reflect-metadata');
  const { AuxflowError } = /** @type {typeof import('../../core/errors/index.js')} */ (await load('core/errors/index'));
  const { Random, tf } = /** @type {typeof import('../../core/engine/index.js')} */ (await load('core/engine/index'));
  const { createRunFolder, readSafetensors } = /** @type {typeof import('../../core/checkpoint/index.js')} */ (
    await load('core/checkpoint/index')
  );
  const { loadPipeline } = /** @type {typeof import('../../core/config/index.js')} */ (await load('core/config/index'));
  const { builtIn, defaults } = /** @type {typeof import('../../plugins/built-in.js')} */ (
    await load('plugins/built-in')
  );
  const { idxDataset } = /** @type {typeof import('../../plugins/datasets/idx-dataset.js')} */ (
    await load('plugins/datasets/idx-dataset')
  );
  const { readCifar } = /** @type {typeof import('../../plugins/datasets/cifar-records.js')} */ (
    await load('plugins/datasets/cifar-records')
  );
  const { readSvhn } = /** @type {typeof import('../../plugins/datasets/svhn-samples.js')} */ (
    await load('plugins/datasets/svhn-samples')
  );
  const { Csv, CsvConfig } = /** @type {typeof import('../../plugins/datasets/csv.js')} */ (
    await load('plugins/datasets/csv')
  );
  const { decodeImage } = /** @type {typeof import('../../plugins/datasets/decode-image.js')} */ (
    await load('plugins/datasets/decode-image')
  );
  const { ImageFolder, ImageFolderConfig } = /** @type {typeof import('../../plugins/datasets/image-folder.js')} */ (
    await load('plugins/datasets/image-folder')
  );
  const { readTrace } = /** @type {typeof import('../../plugins/maxl/parity/trace.js')} */ (
    await load('plugins/maxl/parity/trace')
  );
  const { replay } = /** @type {typeof import('../../plugins/maxl/parity/replay.js')} */ (
    await load('plugins/maxl/parity/replay')
  );

  /** Takes the first batch of an accepted dataset: a fault may hide until then. */
  const use = (/** @type {import('../../core/stages/index.js').Dataset} */ { train, test, inputShape }) => {
    for (const split of [train, test]) {
      const inputs = split.inputs(Int32Array.of(0, split.size - 1));
      const whole = inputs.shape.join() === [2, ...inputShape].join() && inputs.dataSync().every(Number.isFinite);
      inputs.dispose();
      if (!whole) throw new Error('the inputs of an accepted dataset are of another shape, or not finite');
    }
  };
  return {
    AuxflowError,
    Csv,
    CsvConfig,
    ImageFolder,
    ImageFolderConfig,
    Random,
    builtIn,
    createRunFolder,
    decodeImage,
    defaults,
    idxDataset,
    loadPipeline,
    readCifar,
    readSafetensors,
    readSvhn,
    readTrace,
    replay,
    tf,
    use,
  };
}
