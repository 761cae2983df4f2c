import { cifarFormat } from './cifar.mjs';
import { configFormat } from './config.mjs';
import { csvFormat } from './csv.mjs';
import { folderFormat } from './folder.mjs';
import { idxFormat } from './idx.mjs';
import { imageFormat } from './image.mjs';
import { matFormat } from './mat.mjs';
import { safetensorsFormat } from './safetensors.mjs';
import { traceFormat } from './trace.mjs';

/**
 * What is written into an empty folder, and what else the reader is told.
 *
 * @typedef {object} Input
 * @property {Readonly<Record<string, Uint8Array | string>>} files by relative path
 * @property {readonly (readonly string[])[]} [links] symbolic links: where, and to what
 * @property {any} [options]
 *
 * @typedef {object} Format
 * @property {string} name
 * @property {import('fast-check').Arbitrary<Input>} inputs
 * @property {(readers: import('../readers.mjs').Readers, folder: string, input: Input) => Promise<void>} read
 */

/** Everything that comes from outside, and the share of all inputs that each format gets: cheap readers have more. */
export const formats = [
  { ...idxFormat, share: 26 },
  { ...csvFormat, share: 18 },
  { ...matFormat, share: 16 },
  { ...safetensorsFormat, share: 14 },
  { ...cifarFormat, share: 10 },
  { ...configFormat, share: 6 },
  { ...imageFormat, share: 4 },
  { ...traceFormat, share: 3 },
  { ...folderFormat, share: 3 },
];
