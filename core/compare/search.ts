import { ConfigError } from '../errors/index.js';
import { validationScore } from '../events/index.js';
import type { Contestant, Load } from './contestants.js';
import type { Records } from './run-trials.js';
import { refuseFixedKeys } from './searchable.js';
import { draw, firstOf, setting, type Space } from './space.js';
import { trialName, trialOf, type Trial } from './trial.js';
import { runsIn, type Work } from './work.js';

/** How settings are chosen: as many trials for every variant as its settings allow, scored on validation data. */
export interface Search {
  readonly space: Space;
  /** Settings tried for each variant at most, the pipeline's own first. */
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
  /** Different settings that were tried, the pipeline's own among them. */
  readonly tried: number;
  /** Mean validation score after the last epoch; absent where every trial failed and the pipeline's own settings hold. */
  readonly score?: number;
}

/** @throws ConfigError for keys that can't be searched, a seed that would be used twice, or where nothing can be scored by. */
export function checkSearch({ space, seeds }: Search, finalSeeds: readonly number[], all: readonly Contestant[]): void {
  refuseFixedKeys(Object.keys(space));
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
    'settings are chosen by how well they do on validation data, and there are no validation samples',
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

/** Draws in a row that give nothing new, after which a space counts as used up. */
const patience = 10_000;

/**
 * What is tried for a variant: its own settings, then random ones, no two the same; fewer than asked for where the space has
 * no more.
 * @param keys those of the space that it knows.
 */
export async function candidates(
  { space, trials, seeds }: Search,
  { label, set }: Contestant,
  keys: readonly string[],
  work: Work,
): Promise<Candidate[]> {
  const [firstSeed] = seeds as readonly [number];
  const trialsOf = async (settings: readonly string[], index: number): Promise<Trial[]> => {
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
    return own;
  };
  const all: Candidate[] = [{ settings: [], trials: await trialsOf([], 0) }];
  const drawn = new Set<string>();
  const known = new Set([all[0]!.trials[0]!.id]);
  for (let index = 1, misses = 0; keys.length > 0 && all.length < trials && misses < patience; index++, misses++) {
    const settings = draw(space, keys, firstSeed, index);
    if (drawn.has(settings.join())) continue;
    drawn.add(settings.join());
    const own = await trialsOf(settings, index);
    if (known.has(own[0]!.id)) continue; // what the pipeline has anyway
    known.add(own[0]!.id);
    all.push({ settings, trials: own });
    misses = 0;
  }
  return all;
}

/** The mean validation score of a candidate after its last epoch; `undefined` where a trial of it is missing. */
export function scoreOf({ trials }: Candidate, records: Records): number | undefined {
  const scores = trials.map(({ id }) => {
    const record = records.get(id);
    return record?.status === 'finished' ? validationScore(record.summary.metrics)?.value : undefined;
  });
  if (!scores.every((score) => score !== undefined)) return undefined;
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** The candidate that scored best, the earliest of equals; the first one where none has a score. */
export function winnerOf(tried: readonly Candidate[], records: Records): Winner {
  let best: Winner = { settings: tried[0]?.settings ?? [], tried: tried.length };
  for (const candidate of tried) {
    const score = scoreOf(candidate, records);
    if (score !== undefined && score > (best.score ?? -Infinity))
      best = { ...best, settings: candidate.settings, score };
  }
  return best;
}
