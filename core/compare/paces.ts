import { RunError } from '../errors/index.js';
import type { Budget, Pace } from './budget.js';
import type { Contestant } from './contestants.js';
import { setting } from './space.js';
import { trialName, trialOf, type Trial } from './trial.js';
import { runAll, runsIn, type Work } from './work.js';

/** Epochs of a trial that only measures time: the first warms up. */
const timedEpochs = 2;

/**
 * How much of the budget an epoch of each contestant takes; time is measured in trials with `seed`.
 * @throws RunError where a timing trial fails.
 */
export async function pacesOf(all: readonly Contestant[], budget: Budget, seed: number, work: Work): Promise<Pace[]> {
  if (budget !== 'time') {
    return all.map(({ pipeline: { epochs }, survey: { passes, stepsPerPass } }) => ({
      epochs,
      perEpoch: budget === 'batches' ? passes.length * stepsPerPass : stepsPerPass,
    }));
  }
  const trials: Trial[] = [];
  for (const { label, set } of all) {
    const changes = [
      `epochs=${timedEpochs}`,
      'evaluation={ select: last, lastEpochs: 0 }',
      setting('name', trialName(label, 'timing')),
    ];
    const pipeline = await work.load([...set, `seed=${seed}`, ...changes, runsIn(work)]);
    trials.push(trialOf({ purpose: 'timing', variant: label, settings: [] }, pipeline));
  }
  const records = await runAll(trials, work);
  return all.map(({ label, pipeline: { epochs } }, i) => {
    const record = records.get(trials[i]!.id);
    if (record?.status === 'finished') return { epochs, perEpoch: record.epochMs, before: record.prepareMs };
    if (!record) return { epochs, perEpoch: 1 }; // stopped: nothing more will run
    throw new RunError('compare/timing', `no epoch of ${label} could be timed: ${record.reason}`);
  });
}

/** The contestant that trains for other epochs than its pipeline asks for, its schedules stretched to them. */
export function withEpochs(contestant: Contestant, epochs: number): Contestant {
  const { pipeline, set } = contestant;
  if (epochs === pipeline.epochs) return contestant;
  return {
    ...contestant,
    set: [...set, `scheduleEpochs=${pipeline.scheduleEpochs ?? pipeline.epochs}`, `epochs=${epochs}`],
  };
}
