import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { budgets, fairEpochs, type Budget } from './budget.js';
import { contestants, type Contestant, type Entry } from './contestants.js';
import { comparisonFiles } from './comparison-files.js';
import { pacesOf, withEpochs } from './paces.js';
import { variantResults, type Comparison, type Ran } from './result.js';
import { candidates, checkSearch, knownKeys, winnerOf, type Candidate, type Search, type Winner } from './search.js';
import { setting } from './space.js';
import { trialName, trialOf, type Trial } from './trial.js';
import { trialsTable } from './trials-table.js';
import { runAll, runsIn, type Work } from './work.js';

export interface CompareOptions extends Entry, Omit<Work, 'folder'> {
  readonly name: string;
  /** Names the comparison's folder, which is there then; asked for once nothing speaks against the comparison. */
  readonly openFolder: () => Promise<string>;
  readonly seeds: readonly number[];
  readonly budget: Budget;
  readonly search?: Search;
}

/**
 * Runs variants of a pipeline on the same seeds and the same budget, and compares them. What the folder holds already is
 * not run again; an aborted signal stops it so that it can be gone on with.
 * @throws ConfigError for a variant or a search that can't be; RunError where the time of an epoch can't be measured.
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { name, seeds, budget, search, signal } = options;
  const notes: string[] = [];
  const note = (line: string): void => {
    notes.push(line);
    options.note(line);
  };
  const all = await contestants({ ...options, note });
  if (search) checkSearch(search, seeds, all);
  const keys = search && (await searchedKeys(search, all, options, note));

  const folder = await options.openFolder();
  const work: Work = { ...options, folder };
  const paces = await pacesOf(all, budget, seeds[0]!, work);
  const { total, epochs } = fairEpochs(paces);
  const trained = all.map((contestant, i) => withEpochs(contestant, epochs[i]!));
  const statement = budgets[budget](total);
  const plan = { name, budget: { of: budget, total, statement }, seeds, variants: trained.map(planned), search };
  await writeFile(join(folder, 'plan.json'), `${JSON.stringify(plan, undefined, 2)}\n`);

  const tried = new Map<string, Candidate[]>();
  for (const contestant of search ? trained : [])
    tried.set(contestant.label, await candidates(search!, contestant, keys!.get(contestant.label)!, work));
  const attempts = [...tried.values()].flat();
  if (search && [...tried.values()].some(({ length }) => length < search.trials)) {
    const counts = [...tried].map(([label, { length }]) => `${label} ${length}`).join(', ');
    note(`${search.trials} settings were asked for, and there are fewer different ones: ${counts}`);
  }
  const searched = await runAll(
    attempts.flatMap(({ trials }) => trials),
    work,
  );

  const ran: Ran[] = [];
  for (const [i, contestant] of trained.entries()) {
    const found = search && !signal.aborted ? winnerOf(tried.get(contestant.label)!, searched) : undefined;
    const trials = await finalTrials(contestant, found, seeds, work);
    ran.push({ contestant, epochs: epochs[i]!, ...(found && { found }), trials });
  }
  const finals = await runAll(
    ran.flatMap(({ trials }) => trials),
    work,
  );

  const comparison: Comparison = {
    name,
    directory: folder,
    budget: plan.budget,
    seeds,
    controls: all.flatMap(({ control, label }) => (control ? label : [])),
    variants: variantResults(ran, finals),
    scoredBy: all[0]!.survey.scoredBy,
    notes,
    stopped: signal.aborted,
  };
  const log = trialsTable(attempts, searched, ran, finals);
  for (const [file, text] of Object.entries({ ...comparisonFiles(comparison), 'trials.csv': log }))
    await writeFile(join(folder, file), text);
  return comparison;
}

async function searchedKeys(
  { space }: Search,
  all: readonly Contestant[],
  { load }: Entry,
  note: (line: string) => void,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const known = await knownKeys(space, all, load);
  const without = new Map<string, string[]>();
  for (const [label, keys] of known) {
    const skipped = Object.keys(space).filter((key) => !keys.includes(key));
    const which = skipped.join(', ');
    if (skipped.length > 0) without.set(which, [...(without.get(which) ?? []), label]);
  }
  for (const [keys, labels] of without) note(`not searched, having no such key: ${keys} (${labels.join(', ')})`);
  return known;
}

async function finalTrials(
  { label, set }: Contestant,
  found: Winner | undefined,
  seeds: readonly number[],
  work: Work,
): Promise<Trial[]> {
  const settings = found?.settings ?? [];
  const trials: Trial[] = [];
  for (const seed of seeds) {
    const name = setting('name', trialName(label, 'seed', seed));
    const pipeline = await work.load([...set, ...settings, `seed=${seed}`, name, runsIn(work)]);
    trials.push(trialOf({ purpose: 'final', variant: label, settings }, pipeline));
  }
  return trials;
}

const planned = ({ label, control, set, survey }: Contestant): object => ({ label, control, set, ...survey });
