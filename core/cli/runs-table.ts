import { join } from 'node:path';
import type { DamagedEntry, Row, RunEntry } from '../runs/index.js';
import { shown } from './run-places.js';
import { tableLines } from './table.js';

const header = ['run', 'strategy', 'dataset', 'state', 'seed', 'epochs', 'test', 'last', 'best', 'time', 'started'];

/** Runs as a table for people; under it, why one failed or is damaged. */
export function runsTable(entries: readonly (RunEntry | DamagedEntry)[], cwd: string): string {
  const rows = entries.map((run) => [shown(run.folder, cwd), ...(run.state === 'damaged' ? blank(run) : row(run))]);
  const reasons = entries.flatMap((run) => {
    const why = run.state === 'damaged' || run.state === 'failed' ? run.reason : undefined;
    return why === undefined
      ? []
      : [`${shown(run.folder, cwd)} ${run.state}: ${why.replaceAll(join(run.folder, '/'), '')}`];
  });
  const starred = rows.some((cells) => cells.some((cell) => cell.includes('*')));
  return [
    ...tableLines([header, ...rows], 4),
    ...(starred ? ['', '* on the samples it trains on, for it holds no others out'] : []),
    ...(reasons.length > 0 ? ['', ...reasons] : []),
  ].join('\n');
}

const blank = ({ state }: DamagedEntry): string[] => ['', '', state, ...header.slice(4).map(() => '')];

function row({ strategy, dataset, state, seed, epochs, summary, score, durationMs, started }: RunEntry): string[] {
  const star = score?.measure.startsWith('validation') ? '' : '*';
  const cell = (value: number): string => (score!.measure.endsWith('Accuracy') ? percent(value) : value.toPrecision(4));
  return [
    strategy,
    dataset,
    state,
    String(seed),
    `${epochs.done}/${epochs.of}`,
    summary ? testOf(summary.test) : '-',
    score ? cell(score.last) + star : '-',
    score ? `${cell(score.best)}${star} @${score.bestEpoch}` : '-',
    clock(durationMs),
    new Date(started).toLocaleString('sv-SE').slice(0, 16),
  ];
}

/** The accuracy, or the loss of a task that has none. */
function testOf({ primaryAccuracy, primaryLoss }: Partial<Record<'primaryAccuracy' | 'primaryLoss', number>>): string {
  return primaryAccuracy === undefined ? (primaryLoss?.toPrecision(4) ?? '-') : percent(primaryAccuracy);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** `1:05:09` */
function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number): string => String(value % 60).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60))}:${two(seconds)}`;
}

const longest = 40;

/** Keys of several runs side by side, below the runs' names; the first `left` columns to the left. */
export const rowsTable = (runs: readonly string[], rows: readonly Row[], left: number): string[] =>
  tableLines([['', ...runs], ...rows.map(cells)], left);

/** Numbers in six digits, what is missing as `-`. */
const cells = ({ key, values }: Row): string[] => [
  key,
  ...values.map((value) => {
    if (value === undefined) return '-';
    if (typeof value === 'number') return String(Number(value.toPrecision(6)));
    const whole = typeof value === 'string' ? value : JSON.stringify(value);
    return whole.length > longest ? `${whole.slice(0, longest - 3)}...` : whole;
  }),
];
