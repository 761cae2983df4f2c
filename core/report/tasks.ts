import { type Arm, settingsOf } from './arms.js';
import type { ArmResult } from './results.js';
import type { RunRecord } from './run-record.js';

/** Arms that learn the same primary task on the same data set, so that their scores may stand side by side. */
export interface Task {
  /** `mnist, parity`, with what tells it from others of that name. */
  readonly name: string;
  readonly arms: readonly Arm[];
  readonly results: readonly ArmResult[];
  /** In what the finished runs differ besides what they are compared for: `training samples (500 and 1000)`. */
  readonly differences: readonly string[];
}

/** Keys of a dataset stage that say how much of the data a run sees, and how; all others say which data and which task. */
const amounts = new Set(['fine', 'batch', 'train', 'validation', 'heldOut', 'test', 'augment', 'normalise']);

/** The arms by primary task, in the order they came in. */
export function tasksOf(arms: readonly Arm[], results: readonly ArmResult[]): readonly Task[] {
  const groups = new Map<string, Arm[]>();
  for (const arm of arms) {
    const key = JSON.stringify([...identityOf(arm)].sort());
    const group = groups.get(key);
    if (group) group.push(arm);
    else groups.set(key, [arm]);
  }
  const firsts = [...groups.values()].map(([first]) => first!);
  return [...groups.values()].map((own) => ({
    name: nameOf(own[0]!, firsts),
    arms: own,
    results: results.filter(({ arm }) => own.includes(arm)),
    differences: differencesOf(own.flatMap(({ runs }) => runs)),
  }));
}

/** What tells data set and primary task, by key: `use`, `primary`, `path`, ... */
function identityOf({ runs }: Arm): ReadonlyMap<string, string> {
  const own = [...settingsOf(runs[0]!)].flatMap(([key, value]): [string, string][] => {
    const [stage, name = ''] = key.split('.');
    return stage === 'dataset' && !amounts.has(name) ? [[key.slice('dataset.'.length), value]] : [];
  });
  return new Map(own);
}

function nameOf(arm: Arm, all: readonly Arm[]): string {
  const own = identityOf(arm);
  const short = (identity: ReadonlyMap<string, string>): string =>
    ['use', 'primary', 'target'].flatMap((key) => plain(identity.get(key)) ?? []).join(', ') || 'unknown data';
  const rivals = all.map(identityOf).filter((other) => short(other) === short(own));
  const keys = [...new Set(rivals.flatMap((rival) => [...rival.keys()]))].filter((key) =>
    rivals.some((rival) => rival.get(key) !== own.get(key)),
  );
  const details = keys.map((key) => `${key} ${plain(own.get(key)) ?? 'none'}`);
  return details.length > 0 ? `${short(own)} (${details.join(', ')})` : short(own);
}

const plain = (value: string | undefined): string | undefined => value?.replaceAll('"', '');

const quantities: Readonly<Record<string, (run: RunRecord) => number | undefined>> = {
  'training samples': ({ start }) => start.trainSamples,
  'test samples': ({ test }) => test?.samples,
  epochs: ({ start }) => start.epochs,
  'updates of the main network': ({ start }) => start.epochs * (start.passes[0]?.steps ?? NaN),
};

function differencesOf(runs: readonly RunRecord[]): readonly string[] {
  const finished = runs.filter(({ summary }) => summary);
  return Object.entries(quantities).flatMap(([name, of]) => {
    const values = [...new Set(finished.flatMap((run) => of(run) ?? []))].sort((a, b) => a - b);
    if (values.length < 2) return [];
    const listed = values.length > 3 ? `${values[0]!} to ${values.at(-1)!}` : values.join(' and ');
    return `${name} (${listed})`;
  });
}
