import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { from } from 'rxjs';
import type { EpochMetrics } from '../../core/events/index.js';
import { Mlflow, MlflowConfig } from '../../plugins/trackers/mlflow.js';
import { Folder } from '../config/folder.js';
import { end, epoch, record, start } from '../observers/recorded.js';
import { epochsOf } from '../trackers/record-of.js';
import { command, drawPictures, train } from '../trained/pictures.js';
import { describeUnless } from './cached.js';
import { pythonWith } from './python-with.js';

// All that the server imports; the package without `-skinny` brings 450 MB more.
const { env, missing } = await pythonWith(
  'mlflow-skinny==3.17.2',
  'aiohttp==3.14.5',
  'alembic==1.20.1',
  'cryptography==50.0.2',
  'flask==3.1.3',
  'flask-cors==6.0.5',
  'graphene==3.4.3',
  'huey==3.5.4',
  'pandas==2.3.3',
  'sqlalchemy==2.1.9',
);

const folder = new Folder();
const at = (...path: string[]): string => join(folder.path, ...path);

/** What MLflow's own client finds of an experiment's runs. */
interface Found {
  readonly name: string;
  readonly status: string;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, readonly (readonly [step: number, value: number | null])[]>>;
  readonly artifacts: Readonly<Record<string, string>>;
}
const client = `
import base64, json, math, os, sys
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
client = MlflowClient(sys.argv[1])
experiment = client.get_experiment_by_name(sys.argv[2])
def files(run):
    top = download_artifacts(run_id=run, artifact_path='', tracking_uri=sys.argv[1])
    paths = [os.path.join(at, name) for at, _, names in os.walk(top) for name in names]
    return {os.path.relpath(path, top): base64.b64encode(open(path, 'rb').read()).decode() for path in paths}
def history(run, key):
    return [[m.step, None if math.isnan(m.value) else m.value] for m in client.get_metric_history(run, key)]
print(json.dumps([{
    'name': run.info.run_name, 'status': run.info.status, 'params': run.data.params,
    'metrics': {key: history(run.info.run_id, key) for key in run.data.metrics},
    'artifacts': files(run.info.run_id),
} for run in client.search_runs([experiment.experiment_id])]))
`;

describeUnless(missing, 'a real MLflow server', () => {
  let server: ChildProcess;
  let url: string;
  beforeAll(async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    url = `http://127.0.0.1:${port}`;
    folder.write('read.py', client);
    const store = ['--backend-store-uri', `sqlite:///${at('mlflow.db')}`, '--artifacts-destination', at('artifacts')];
    const argv = ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', ...store];
    // In a group of its own: it starts others, which must end with it.
    server = spawn('python3', ['-m', 'mlflow', ...argv], {
      cwd: folder.path,
      env: { ...env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
      stdio: 'ignore',
      detached: true,
    });
    await drawPictures(folder);
    for (let tries = 0; server.exitCode === null; tries++) {
      const healthy = await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (healthy) break;
      if (tries === 800) throw new Error('the server did not come up');
      await setTimeout(500);
    }
  }, 600_000);
  afterAll(async () => {
    const gone = once(server, 'exit');
    process.kill(-server.pid!, 'SIGKILL');
    await gone;
    folder[Symbol.dispose]();
  });

  const found = (experiment: string): Found[] =>
    JSON.parse(
      execFileSync('python3', [at('read.py'), url, experiment], { env, encoding: 'utf8', maxBuffer: 1 << 26 }),
    ) as Found[];

  it('keeps a run that was resumed as one run, with its parameters, metrics and artifacts', async () => {
    const observers = `[{ use: mlflow, url: "${url}", every: 2 }]`;
    await train(folder, 'colours', { model: '{ use: mlp, hidden: [8] }', epochs: '2', observers });
    const { code, stderr } = await command(folder, 'run', '--resume', 'runs/colours/001', '--set', 'epochs=3');
    expect(code === 0 ? '' : stderr).toBe('');
    const runs = found('colours');
    expect(runs).toHaveLength(1);
    const { name, status, params, metrics, artifacts } = runs[0]!;
    expect({ name, status }).toEqual({ name: 'colours/001', status: 'FINISHED' });
    expect(params).toMatchObject({ 'dataset.use': 'image-folder', 'auxiliary.psi': '2', epochs: '2', seed: '4' });

    const epochs = epochsOf(at('runs/colours/001'));
    for (const key of Object.keys(epochs[0]!.metrics) as (keyof EpochMetrics)[])
      expect(metrics[`epoch/${key}`]).toEqual(epochs.map(({ epoch: number, metrics }) => [number, metrics[key]]));
    expect(metrics['step/train/primaryLoss']!.map(([step]) => step)).toContain(3);
    expect(metrics['test/primaryAccuracy']!.map(([step]) => step)).toEqual([2, 3]);

    const files = ['config.yaml', 'metrics.csv', 'weights/theta1.safetensors', 'weights/theta2.safetensors'];
    for (const file of files)
      expect(artifacts[file]).toBe(readFileSync(at('runs/colours/001', file)).toString('base64'));
  }, 300_000);

  it('reads numbers that are not finite', async () => {
    const [first, ...others] = record([start, ...epoch(1), end]);
    const events = others.map((event) => (event.type === 'step:end' ? { ...event, primaryLoss: NaN } : event));
    const config = MlflowConfig.parse({ url, experiment: 'not finite', every: 1 });
    await new Mlflow(config, () => performance.now()).observe(from([first!, ...events]));
    const [run] = found('not finite');
    expect(run).toMatchObject({ name: 'mnist-parity', status: 'FINISHED' });
    expect(run!.metrics['step/train/primaryLoss']).toEqual([
      [1, null],
      [2, null],
    ]);
  }, 120_000);
});
