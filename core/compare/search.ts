import { ConfigError } from '../errors/index.js';
import type { Contestant, Load } from './contestants.js';
import type { Records } from './run-trials.js';
import { draw, firstOf, setting, type Space } from './space.js';
import { trialName, trialOf, type Trial } from './trial.js';
import { runsIn, type Work } from './work.js';

/** How settings are chosen: the same number of trials for every variant, scored on validation data. */
export interface Search {
  readonly space: Space;
  /** Settings tried for each variant, the pipeline's own first. */
  readonly trials: number;
  /** Other seeds than those of the comparison. */
  readonly seeds: readonly number[];
}

/** One variant's settings that are tried. */
export interface Candidate {
  readonly settings: readonly string[];
  /** One for each search seed. */
  readonly trials: readonly Trial[];
}

/** What a search found for a variant. */
export interface Winner {
  readonly settings: readonly string[];
  /** Mean validation accuracy after the last epoch; absent where every trial failed and the pipeline's own settings hold. */
  readonly score?: number;
}

/** @throws ConfigError where there is nothing to score by, or a seed would be used twice. */
export function checkSearch({ seeds }: Search, finalSeeds: readonly number[], all: readonly Contestant[]): void {
  const shared = seeds.find((seed) => finalSeeds.includes(seed));
  if (shared !== undefined) {
    throw ConfigError.of(
      'compare/search-seed',
      [],
      `seed ${shared} is both searched and compared with`,
      'Give --search-seeds that are not among --seeds.',
    );
  }
  if (all.every(({ survey }) => survey.validationSamples > 0)) return;
  throw ConfigError.of(
    'compare/no-validation',
    ['dataset', 'validation'],
    'settings are chosen by validation accuracy, and there are no validation samples',
    'Hold some out: --set dataset.validation=1000.',
  );
}

/**
 * The keys of a space that each variant's pipeline knows.
 * @throws ConfigError for a key that none knows, or a first value that one refuses.
 */
export async function knownKeys(
  space: Space,
  all: readonly Contestant[],
  load: Load,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const known = new Map<string, string[]>(all.map(({ label }) => [label, []]));
  for (const [key, choices] of Object.entries(space)) {
    const change = setting(key, firstOf(choices));
    let refusal: ConfigError | undefined;
    for (const { label, set } of all) {
      try {
        await load([...set, change]);
        known.get(label)!.push(key);
      } catch (error) {
        if (!(error instanceof ConfigError) || error.issues.some(({ code }) => code !== 'config/unknown-key'))
          throw error;
        refusal = error;
      }
    }
    if (refusal && [...known.values()].every((keys) => !keys.includes(key))) throw refusal;
  }
  return known;
}

/**
 * What is tried for a variant: its own settings, then random ones.
 * @param keys those of the space that it knows.
 */
export async function candidates(
  { space, trials, seeds }: Search,
  { label, set }: Contestant,
  keys: readonly string[],
  work: Work,
): Promise<Candidate[]> {
  const all: Candidate[] = [];
  for (let index = 0; index < trials; index++) {
    const settings = index === 0 ? [] : draw(space, keys, seeds[0]!, index);
    const own: Trial[] = [];
    for (const seed of seeds) {
      const name = trialName(label, 'search', index, 'seed', seed);
      const pipeline = await work.load([
        ...set,
        ...settings,
        `seed=${seed}`,
        'evaluation={ select: last, lastEpochs: 0 }',
        setting('name', name),
        runsIn(work),
      ]);
      own.push(trialOf({ purpose: 'search', variant: label, settings }, pipeline));
    }
    all.push({ settings, trials: own });
  }
  return all;
}

/** The mean validation accuracy of a candidate after its last epoch; `undefined` where a trial of it is missing. */
export function scoreOf({ trials }: Candidate, records: Records): number | undefined {
  const scores = trials.map(({ id }) => {
    const record = records.get(id);
    return record?.status === 'finished' ? record.summary.metrics.validationAccuracy : undefined;
  });
  if (!scores.every((score) => score !== undefined)) return undefined;
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** The candidate that scored best, the earliest of equals; the first one where none has a score. */
export function winnerOf(tried: readonly Candidate[], records: Records): Winner {
  let best: Winner = { settings: tried[0]?.settings ?? [] };
  for (const candidate of tried) {
    const score = scoreOf(candidate, records);
    if (score !== undefined && score > (best.score ?? -Infinity)) best = { settings: candidate.settings, score };
  }
  return best;
}
