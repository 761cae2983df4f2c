import { setTimeout } from 'node:timers/promises';
import { inject, injectable } from 'inversify';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { RunError } from '../../core/errors/index.js';
import type { RunEvent, RunEventOf } from '../../core/events/index.js';
import { Clock, StageConfig } from '../../core/stages/index.js';
import type { Observer } from '../../core/stages/index.js';
import { Backlog } from './backlog.js';
import { MlflowRun, type Metric, type Status } from './mlflow-run.js';
import { MlflowServer } from './mlflow-server.js';
import { mlflowName } from './parameters.js';
import { scalars } from './scalars.js';

const Variable = z.string().regex(/^\w+$/, 'expected the name of an environment variable');

export const MlflowConfig = z.strictObject({
  url: z
    .url({
      protocol: /^https?$/,
      error: ({ code }) => (code === 'invalid_format' ? 'expected an http(s) address' : undefined),
    })
    .refine((url) => !/^\w+:\/\/[^/]*@/.test(url), 'no secrets here: name environment variables in token or headers')
    .describe('the tracking server, such as http://localhost:5000'),
  experiment: z.string().min(1).optional().describe("made where it isn't there; the pipeline's name by default"),
  runName: z.string().min(1).optional().describe('NAME/NNN, as the run folder, by default'),
  every: z.int().min(0).default(100).describe('every n-th step is logged; 0 for none'),
  artifacts: z
    .array(z.string().min(1))
    .default(['config.yaml', 'metrics.csv', 'weights'])
    .describe('files and folders in the run folder, uploaded when the run is over'),
  token: Variable.optional().describe('environment variable with a token, sent as Authorization: Bearer'),
  headers: z.record(z.string(), Variable).default({}).describe('headers, and the environment variables they come from'),
  patience: z.number().gt(0).default(180).describe('seconds without an answer after which the server is given up'),
});

/** An event's metrics on their way. */
interface Told {
  readonly sequence: number;
  readonly metrics: readonly Metric[];
}

interface Ending {
  readonly status: Status;
  readonly time: number;
}

/** Milliseconds from one request to the next, in which metrics gather. */
const interval = 1000;

/**
 * Logs a run to an MLflow server: parameters, metrics, and artifacts at its end. Sends in the background, so that a slow server
 * doesn't slow the run; one that is away gets everything when it's back, and is given up when patience ends.
 */
@injectable()
export class Mlflow implements Observer {
  readonly name = 'mlflow';

  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof MlflowConfig>,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  async observe(events: Observable<RunEvent>): Promise<void> {
    const headers = secrets(this.config, process.env);
    const numbers = scalars(this.config.every);
    const backlog = new Backlog<Told>();
    let ending: Ending | undefined;
    let delivery: Promise<unknown> = Promise.resolve();
    const listened = new Promise<void>((resolve, reject) => {
      const listen = (event: RunEvent): void => {
        if (event.type === 'run:start') {
          delivery = this.deliver(event, backlog, headers, () => ending);
          delivery.catch(reject);
        }
        ending = endingOf(event) ?? ending;
        const metrics = metricsOf(numbers(event), event.time);
        if (metrics.length > 0) backlog.add({ sequence: event.sequence, metrics });
      };
      events.forEach(listen).then(resolve, reject);
    });
    try {
      await listened;
    } finally {
      backlog.close();
    }
    await delivery;
  }

  private async deliver(
    start: RunEventOf<'run:start'>,
    backlog: Backlog<Told>,
    headers: Readonly<Record<string, string>>,
    ending: () => Ending | undefined,
  ): Promise<void> {
    const { url, experiment = start.name, runName, patience, artifacts } = this.config;
    const server = new MlflowServer({ url, headers, patience: 1000 * patience, clock: this.clock });
    const run = await MlflowRun.open(start, { server, url, experiment, runName });
    for await (const told of backlog) {
      const due = told.filter(({ sequence }) => sequence >= run.from);
      if (due.length > 0)
        await run.log(
          due.flatMap(({ metrics }) => metrics),
          due.at(-1)!.sequence + 1,
        );
      await Promise.race([setTimeout(interval, undefined, { ref: false }), backlog.ended]);
    }
    const { status, time } = ending() ?? { status: 'KILLED', time: Date.now() };
    await run.end(status, time);
    await run.upload(artifacts);
  }
}

/**
 * The headers with their values from the environment.
 * @throws RunError for a variable that is missing or can't be sent; no value is ever told
 */
function secrets(
  { token, headers }: z.output<typeof MlflowConfig>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const read = (variable: string): string => {
    const value = env[variable]?.trim() ?? '';
    if (/^[\x20-\x7e]+$/.test(value)) return value;
    throw new RunError(
      'mlflow/no-secret',
      `environment variable ${variable} ${value ? "can't be sent in a header" : 'is empty or not set'}`,
      {
        hint: 'Set it where the run is started, or take it out of the pipeline.',
      },
    );
  };
  return {
    ...Object.fromEntries(Object.entries(headers).map(([header, variable]) => [header, read(variable)])),
    ...(token !== undefined && { authorization: `Bearer ${read(token)}` }),
  };
}

const metricsOf = (measured: ReturnType<ReturnType<typeof scalars>>, timestamp: number): Metric[] =>
  measured.map(({ tag, value, step }) => ({ key: mlflowName(tag), value, timestamp, step }));

const statuses: Partial<Record<RunEvent['type'], Status>> = {
  'run:end': 'FINISHED',
  'run:stopped': 'KILLED',
  'run:failed': 'FAILED',
};

function endingOf({ type, time }: RunEvent): Ending | undefined {
  const status = statuses[type];
  return status && { status, time };
}
