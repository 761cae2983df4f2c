import type { RunRecord } from './run-record.js';

/** Runs that differ in their seeds alone: one strategy with one set of settings. */
export interface Arm {
  /** The strategy's name, with what tells it from others of the same strategy. */
  readonly label: string;
  readonly runs: readonly RunRecord[];
  /** Whether others are compared with it: it has no auxiliary task, or is a comparison's control. */
  readonly baseline: boolean;
  /** Its colour in every figure: a series of the palette. */
  readonly color: number;
}

/** Keys of a pipeline that don't change what is learned. */
const incidental = new Set(['name', 'seed', 'runs']);

/** Runs by strategy and settings, baselines first, otherwise in the order they came in. */
export function arms(records: readonly RunRecord[]): readonly Arm[] {
  const groups = new Map<string, RunRecord[]>();
  for (const record of records) {
    const key = JSON.stringify([record.label, [...settingsOf(record)].sort()]);
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  const found = [...groups.values()].map((runs) => {
    const auxiliary = runs.some(({ epochs }) => epochs.some(({ metrics }) => metrics.auxiliaryLoss !== undefined));
    return {
      runs: [...runs].sort((a, b) => a.start.seed - b.start.seed),
      auxiliary,
      baseline: !auxiliary || runs.some(({ control }) => control),
    };
  });
  const labels = labelsOf(found.map(({ runs }) => runs[0]!));
  const rank = ({ auxiliary, baseline }: (typeof found)[number]): number => Number(auxiliary) - Number(baseline);
  const ordered = found.map((arm, i) => ({ label: labels[i]!, ...arm })).sort((a, b) => rank(a) - rank(b));
  const first = ordered[0]?.auxiliary ? 1 : 0;
  return ordered.map(({ label, runs, baseline }, i) => ({ label, runs, baseline, color: first + i }));
}

/** What an arm's runs train on; arms compare where this is the same. */
export const datasetOf = ({ runs }: Arm): string =>
  JSON.stringify([...settingsOf(runs[0]!)].filter(([key]) => key.startsWith('dataset.')).sort());

/** Settings by dotted key: `optimizer.learningRate.initial`, with their values as JSON. */
export function settingsOf({ start }: RunRecord): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value))
        if (path.length > 0 || !incidental.has(key)) walk(inner, [...path, key]);
    } else settings.set(path.join('.'), JSON.stringify(value));
  };
  walk(start.config, []);
  return settings;
}

/** A strategy's name where it is the only one of that name; otherwise with the names of its runs, or its own settings. */
function labelsOf(first: readonly RunRecord[]): readonly string[] {
  const strategies = first.map(({ label, start }) => label ?? start.strategy);
  return first.map((record, i) => {
    const { name } = record.start;
    const strategy = strategies[i]!;
    const rivals = first.filter((_, j) => j !== i && strategies[j] === strategy);
    if (rivals.length === 0) return strategy;
    if (rivals.every((rival) => rival.start.name !== name)) return `${strategy} (${name})`;
    return `${strategy} (${differences(record, rivals).join(', ')})`;
  });
}

/** Settings in which a run differs from some of its rivals: `psi 5`. */
function differences(record: RunRecord, rivals: readonly RunRecord[]): readonly string[] {
  const own = settingsOf(record);
  const others = rivals.map(settingsOf);
  const keys = [...new Set([...own.keys(), ...others.flatMap((settings) => [...settings.keys()])])];
  const changed = keys.filter((key) => others.some((settings) => settings.get(key) !== own.get(key)));
  return changed.slice(0, 3).map((key) => {
    const name = key
      .replace(/\.use$/, '')
      .split('.')
      .at(-1)!;
    return `${name} ${(own.get(key) ?? 'none').replaceAll('"', '')}`;
  });
}
