import { ConfigError } from '../../core/errors/index.js';
import { blockStarts } from '../../core/stages/index.js';
import type { AuxiliaryHead, Dataset } from '../../core/stages/index.js';

/** Training samples that are clustered together, into classes from `start` on. */
export interface Group {
  readonly samples: Int32Array;
  readonly start: number;
  readonly clusters: number;
}

/**
 * The samples of each primary class where the head has blocks, else all in one group.
 * @throws ConfigError where a group has fewer samples than clusters
 */
export function groupsOf({ name, train, primary, levels }: Dataset, { outputs, psi }: AuxiliaryHead): readonly Group[] {
  const classes = train.labels[primary]!;
  const everything = classes.map((_, n) => n);
  if (!psi) return [group(everything, 0, outputs, name)];
  const starts = blockStarts(psi);
  return psi.map((clusters, i) => {
    const own = everything.filter((n) => classes[n] === i);
    return group(own, starts[i]!, clusters, `class "${levels[primary]!.classes[i]!}"`);
  });
}

function group(samples: Int32Array, start: number, clusters: number, of: string): Group {
  if (samples.length >= clusters) return { samples, start, clusters };
  throw ConfigError.of(
    'auxiliary/too-few-samples',
    ['auxiliary', 'psi'],
    `${of} has ${samples.length} training samples, too few for ${clusters} clusters`,
    'ask for fewer clusters, or train on more samples',
  );
}
