import { scoreOf, validationScore } from '../events/index.js';
import { csv } from '../trained/index.js';
import type { Ran } from './result.js';
import type { Records } from './run-trials.js';
import type { Candidate } from './search.js';
import type { Trial } from './trial.js';

const header = [
  'purpose',
  'variant',
  'seed',
  'settings',
  'status',
  'validation score',
  'test score',
  'seconds',
  'peak MB',
  'where or why',
];

/** Every trial of a search and of the comparison as CSV; what the search's ones score on the test split isn't told. */
export function trialsTable(
  tried: readonly Candidate[],
  searched: Records,
  ran: readonly Ran[],
  finals: Records,
): string {
  const rows = [
    ...tried.flatMap(({ trials }) => trials.map((trial) => row(trial, searched))),
    ...ran.flatMap(({ trials }) => trials.map((trial) => row(trial, finals))),
  ];
  return csv([header, ...rows]);
}

function row({ id, purpose, variant, seed, settings }: Trial, records: Records): (string | number)[] {
  const record = records.get(id);
  const about = [purpose, variant, seed, settings.join(' ')];
  if (record?.status !== 'finished')
    return [...about, record?.status ?? 'not run', '', '', '', '', record?.reason ?? ''];
  const { summary, peakBytes, directory } = record;
  return [
    ...about,
    record.status,
    validationScore(summary.metrics)?.value ?? '',
    purpose === 'final' ? scoreOf(summary.test).value : '',
    summary.durationMs / 1000,
    peakBytes / 2 ** 20,
    directory,
  ];
}
