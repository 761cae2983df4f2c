import type { RunEntry } from './run-entry.js';

/** One key of several runs, a value for each; `undefined` where a run has none. */
export interface Row {
  readonly key: string;
  readonly values: readonly unknown[];
}

/** The keys of their pipelines in which runs differ, in the order they are written in. */
export const differences = (runs: readonly RunEntry[]): Row[] =>
  rows(runs.map(({ config }) => flat(config))).filter(({ values }) => differ(values));

/** In what the engines of runs differ, so that the same pipeline may come to other bits; older records tell nothing of it. */
export const engineDifferences = (runs: readonly RunEntry[]): Row[] =>
  rows(runs.map(({ engine }) => flat(engine && { engine }))).filter(({ values }) =>
    differ(values.filter((_, n) => runs[n]!.engine)),
  );

const differ = (values: readonly unknown[]): boolean =>
  values.some((value) => JSON.stringify(value) !== JSON.stringify(values[0]));

/** What runs have measured, side by side: the numbers of their summaries and of their last epochs. */
export const measurements = (runs: readonly RunEntry[]): Row[] =>
  rows(
    runs.map(({ summary, metrics, durationMs }) => {
      const { test, selected, lastEpochs, gradientCosine, parameters } = summary ?? {};
      return flat({ test, selected, lastEpochs, gradientCosine, parameters, metrics, durationMs });
    }),
  ).filter(({ values }) => values.some((value) => typeof value === 'number'));

function rows(columns: readonly ReadonlyMap<string, unknown>[]): Row[] {
  const keys = new Set(columns.flatMap((column) => [...column.keys()]));
  return [...keys].map((key) => ({ key, values: columns.map((column) => column.get(key)) }));
}

/** Values by dotted key, as `optimizer.learningRate.initial`; lists and empty maps are values. */
function flat(value: unknown, path: readonly string[] = []): Map<string, unknown> {
  if (value === undefined) return new Map();
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap || Object.keys(value).length === 0) return new Map([[path.join('.'), value]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...flat(inner, [...path, key])]));
}
