import { ConfigError } from '../../core/errors/index.js';
import { nearest } from '../../core/plugins/index.js';
import type { Dataset, Level } from '../../core/stages/index.js';

/**
 * The level of a dataset that is asked for, its fine one by default.
 * @throws ConfigError where there is none, naming those that there are
 */
export function chooseLevel({ name, primary, fine, levels }: Dataset, wanted = fine): Level {
  if (wanted !== undefined && Object.hasOwn(levels, wanted)) return levels[wanted]!;
  const names = Object.keys(levels);
  const others = names.filter((other) => other !== primary);
  const listed =
    others.length > 0
      ? `Levels of ${name}: ${names.join(', ')}; the primary one is ${primary}.`
      : `${name} has no level but the primary one, ${primary}; use another strategy or dataset.`;
  if (wanted === undefined) {
    throw ConfigError.of('auxiliary/no-level', ['auxiliary', 'level'], `${name} names no fine level to take`, listed);
  }
  const close = nearest(wanted, others);
  throw ConfigError.of(
    'auxiliary/unknown-level',
    ['auxiliary', 'level'],
    `${name} has no label level "${wanted}"${close === undefined ? '' : `; the nearest is "${close}"`}`,
    listed,
  );
}
