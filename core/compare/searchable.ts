import { stageKeys } from '../config/index.js';
import { ConfigError } from '../errors/index.js';

const kept = 'it only says what is kept of a run';
const budgeted = 'the budget gives every variant its epochs';
const compared = 'the strategy is what is compared';

/** Why keys of a pipeline, with all below them, are no settings to search. */
const fixed: ReadonlyMap<string, string> = new Map([
  ['extends', 'it names another pipeline'],
  ['name', kept],
  ['runs', kept],
  ['observers', kept],
  ['checkpoints', kept],
  ['gradientCosine', 'it only says what is measured'],
  ['plugins', 'plugins are loaded before anything is compared'],
  ['seed', 'each trial has the seed that --search-seeds or --seeds gives it'],
  ['epochs', budgeted],
  ['scheduleEpochs', budgeted],
  ['evaluation', 'all variants are scored alike'],
  ['dataset', 'all variants train and are tested on the same samples'],
]);

/** The same for these alone, not for what is below them. */
const whole: ReadonlyMap<string, string> = new Map([
  ['auxiliary', compared],
  ['auxiliary.use', compared],
]);

/** Below a fixed key, what changes how samples look and not which they are. */
const free = ['dataset.augment', 'dataset.normalise'];

const stages = Object.keys(stageKeys).filter((key) => !fixed.has(key));
const hint =
  `Keys below ${stages.join(', ')}, ${free.join(' and ')} may be searched. What all variants share goes into the ` +
  'pipeline or --set, strategies into --strategies.';

/**
 * A search may change what is learned with, but neither the budget, nor the data, nor the record of the runs.
 * @throws ConfigError with an issue for each key that can't be searched
 */
export function refuseFixedKeys(keys: readonly string[]): void {
  const issues = keys.flatMap((key) => {
    const message = faultOf(key);
    return message === undefined
      ? []
      : [{ code: 'compare/fixed-key', path: key.split('.'), where: '--search', message }];
  });
  if (issues.length > 0) throw new ConfigError(issues, { hint });
}

function faultOf(key: string): string | undefined {
  // It becomes the KEY of KEY=VALUE, where other characters could make it another key.
  if (!/^[\w-]+(?:\.[\w-]+)*$/.test(key)) return 'no key of a pipeline: expected names joined by dots';
  if (free.some((start) => key === start || key.startsWith(`${start}.`))) return undefined;
  const reason = whole.get(key) ?? fixed.get(key.split('.')[0]!);
  return reason && `can't be searched: ${reason}`;
}
