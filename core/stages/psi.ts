import { z } from 'zod';
import { ConfigError } from '../errors/index.js';
import type { AuxiliaryHead } from './auxiliary-labels.js';
import type { Dataset } from './dataset.js';

/** The hierarchy psi in a pipeline: auxiliary classes per primary class, one number for all or a list with one for each. */
export const Psi = z
  .union([z.int().min(1), z.array(z.int().min(1)).min(1)])
  .describe('auxiliary classes per primary class: a number, or a list with one for each');
export type Psi = z.output<typeof Psi>;

/**
 * A classification head with a block of psi[i] auxiliary classes for each primary class i; a regression, whose samples are all
 * in one class, has one block.
 * @throws ConfigError for a list that hasn't one number per primary class, and for a block of more classes than training samples
 */
export function blockHead(
  psi: Psi,
  { name, primary, levels, train, target }: Dataset,
): AuxiliaryHead & { readonly psi: readonly number[] } {
  const { classes } = levels[primary]!;
  const sizes = typeof psi === 'number' ? classes.map(() => psi) : psi;
  if (sizes.length !== classes.length) {
    throw ConfigError.of(
      'auxiliary/psi-length',
      ['auxiliary', 'psi'],
      target
        ? `psi lists ${sizes.length} numbers, but the labels of a regression are one block`
        : `psi lists ${sizes.length} numbers, but ${name}'s primary level ${primary} has ${classes.length} classes`,
      target ? 'give a single number' : `give one number for each of ${classes.join(', ')}, or a single number for all`,
    );
  }
  const largest = Math.max(...sizes);
  if (largest > train.size) {
    throw ConfigError.of(
      'auxiliary/psi-too-large',
      ['auxiliary', 'psi'],
      `psi asks for ${largest} auxiliary classes in one block, but there are only ${train.size} training samples`,
      'give a smaller psi, or more samples with dataset.train',
    );
  }
  return { task: 'classification', outputs: sizes.reduce((sum, size) => sum + size, 0), psi: sizes };
}

/** First auxiliary class of each primary class's block. */
export const blockStarts = (psi: readonly number[]): readonly number[] => {
  let start = 0;
  return psi.map((size) => (start += size) - size);
};
