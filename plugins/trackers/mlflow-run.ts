import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { writeAtomically } from '../../core/checkpoint/index.js';
import { RunError } from '../../core/errors/index.js';
import type { RunEventOf } from '../../core/events/index.js';
import type { MlflowServer } from './mlflow-server.js';
import { parameters } from './parameters.js';

/** How MLflow says that a run goes on, or has ended. */
export type Status = 'RUNNING' | 'FINISHED' | 'KILLED' | 'FAILED';

/** A number as MLflow keeps it; `timestamp` in milliseconds since 1970. */
export interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** What a run folder remembers of its MLflow run. */
interface Remembered {
  readonly url: string;
  readonly experiment: string;
  readonly runId: string;
  /** Events before this one have been delivered. */
  readonly sequence: number;
}

export interface MlflowRunOptions {
  readonly server: MlflowServer;
  readonly url: string;
  readonly experiment: string;
  readonly runName?: string | undefined;
}

/** What one request may bring. */
const metricLimit = 1000;
const parameterLimit = 100;

/** One run on an MLflow server. */
export class MlflowRun {
  private constructor(
    private readonly server: MlflowServer,
    private readonly remembered: Remembered,
    private readonly artifactUri: string,
    private readonly directory: string | undefined,
    /** The first event that isn't delivered. */
    readonly from: number,
  ) {}

  /** Begins a run on the server, or goes on with the one that the run folder remembers. */
  static async open(start: RunEventOf<'run:start'>, options: MlflowRunOptions): Promise<MlflowRun> {
    const { server, url, experiment } = options;
    const { directory, resumed } = start;
    const before = directory === undefined ? undefined : await recall(directory, options);
    if (before) {
      const { run_info: info } = await server.post('runs/update', { run_id: before.runId, status: 'RUNNING' });
      const { artifact_uri: uri } = info as RunInfo;
      const run = new MlflowRun(server, before, uri, directory, Math.min(before.sequence, resumed?.sequence ?? 0));
      if (before.sequence === 0) await run.describe(start);
      return run;
    }
    const name = options.runName ?? [start.name, ...(directory === undefined ? [] : [basename(directory)])].join('/');
    const { run: created } = await server.post('runs/create', {
      experiment_id: await experimentId(server, experiment),
      run_name: name,
      start_time: start.time,
      tags: [
        { key: 'mlflow.source.name', value: 'auxflow' },
        ...(directory === undefined ? [] : [{ key: 'auxflow.folder', value: directory }]),
      ],
    });
    const { run_id: runId, artifact_uri: uri } = (created as { info: RunInfo }).info;
    const run = new MlflowRun(server, { url, experiment, runId, sequence: 0 }, uri, directory, 0);
    await run.remember(0);
    await run.describe(start);
    return run;
  }

  /** Parameters can't be changed later, so a resumed run keeps those it began with. */
  private async describe(start: RunEventOf<'run:start'>): Promise<void> {
    const { runId } = this.remembered;
    for (const params of chunks(parameters(start.config), parameterLimit))
      await this.server.post('runs/log-batch', { run_id: runId, params });
    await this.remember(start.sequence + 1);
  }

  /** Delivers metrics; from then on the events before `sequence` count as delivered. */
  async log(metrics: readonly Metric[], sequence: number): Promise<void> {
    for (const chunk of chunks(metrics, metricLimit)) {
      const shown = chunk.map((metric) => ({ ...metric, value: number(metric.value) }));
      await this.server.post('runs/log-batch', { run_id: this.remembered.runId, metrics: shown });
    }
    await this.remember(sequence);
  }

  async end(status: Status, time: number): Promise<void> {
    await this.server.post('runs/update', { run_id: this.remembered.runId, status, end_time: time });
  }

  /**
   * Uploads files of the run folder, and folders with all they hold; what isn't there is left out.
   * @throws RunError where the server doesn't take artifacts itself
   */
  async upload(names: readonly string[]): Promise<void> {
    const { directory, artifactUri } = this;
    if (directory === undefined || names.length === 0) return;
    const { protocol, pathname } = new URL(artifactUri);
    if (protocol !== 'mlflow-artifacts:') {
      throw new RunError(
        'mlflow/artifacts',
        `MLflow keeps this experiment's artifacts at ${artifactUri}, out of reach`,
        {
          hint: 'Start its server with --serve-artifacts and make a new experiment, or write artifacts: [].',
        },
      );
    }
    for (const name of names) {
      for (const file of await filesAt(join(directory, name))) {
        const place = relative(directory, file).split(sep).join('/');
        await this.server.upload(`${decodeURIComponent(pathname).replace(/^\/+/, '')}/${place}`, await readFile(file));
      }
    }
  }

  private async remember(sequence: number): Promise<void> {
    const { directory, remembered } = this;
    if (directory === undefined) return;
    await writeAtomically(memory(directory, remembered), [`${JSON.stringify({ ...remembered, sequence }, null, 2)}\n`]);
  }
}

interface RunInfo {
  readonly run_id: string;
  readonly artifact_uri: string;
}

/** Another run on the same server may be making the experiment at the same time. */
async function experimentId(server: MlflowServer, name: string): Promise<unknown> {
  const find = async (): Promise<unknown> => {
    const found = await server.find('experiments/get-by-name', { experiment_name: name });
    return (found?.['experiment'] as { experiment_id: string } | undefined)?.experiment_id;
  };
  const known = await find();
  if (known !== undefined) return known;
  try {
    return (await server.post('experiments/create', { name }))['experiment_id'];
  } catch (error) {
    const made = await find();
    if (made === undefined) throw error;
    return made;
  }
}

/** A file for each server and experiment, so that a run can go to several. */
function memory(directory: string, { url, experiment }: Pick<Remembered, 'url' | 'experiment'>): string {
  const key = createHash('sha256').update(`${url}\n${experiment}`).digest('hex').slice(0, 8);
  return join(directory, `mlflow-${key}.json`);
}

async function recall(directory: string, at: Pick<Remembered, 'url' | 'experiment'>): Promise<Remembered | undefined> {
  try {
    return JSON.parse(await readFile(memory(directory, at), 'utf8')) as Remembered;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The file at `path`, or all files below it. */
async function filesAt(path: string): Promise<readonly string[]> {
  const entry = await stat(path).catch(() => undefined);
  if (!entry) return [];
  if (!entry.isDirectory()) return [path];
  const below = await readdir(path);
  return (await Promise.all(below.sort().map((name) => filesAt(join(path, name))))).flat();
}

/** JSON has no other numbers; the server reads these texts. */
const number = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
