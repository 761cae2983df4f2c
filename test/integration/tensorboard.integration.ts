import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { EpochMetrics, LabelUse } from '../../core/events/index.js';
import { Folder } from '../config/folder.js';
import { epochsOf } from '../trackers/record-of.js';
import { command, drawPictures, train } from '../trained/pictures.js';
import { describeUnless } from './cached.js';
import { pythonWith } from './python-with.js';

// pkg_resources, which TensorBoard imports, left setuptools with version 81.
const { env, missing } = await pythonWith('tensorboard==2.20.0', 'setuptools==80.9.0');

const folder = new Folder();
const at = (...path: string[]): string => join(folder.path, ...path);

afterAll(() => folder[Symbol.dispose]());

describeUnless(missing, 'TensorBoard', () => {
  let epochs: { readonly metrics: EpochMetrics; readonly labelUse?: readonly LabelUse[] }[];
  beforeAll(async () => {
    await drawPictures(folder);
    const observers = '[{ use: tensorboard, every: 2 }]';
    await train(folder, 'colours', { model: '{ use: mlp, hidden: [8] }', epochs: '2', observers });
    const { code, stderr } = await command(folder, 'run', '--resume', 'runs/colours/001', '--set', 'epochs=3');
    expect(code === 0 ? '' : stderr).toBe('');
    epochs = epochsOf(at('runs/colours/001'));
  }, 300_000);

  describe.each(['true', 'false'])('--load_fast=%s', (fast) => {
    let server: ChildProcess;
    let address: string;
    beforeAll(async () => {
      const argv = ['--logdir', at('runs'), '--port', '0', '--host', '127.0.0.1', '--load_fast', fast];
      server = spawn('python3', ['-m', 'tensorboard.main', ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      address = await new Promise<string>((resolve, reject) => {
        let said = '';
        const hear = (chunk: Buffer): void => {
          said += String(chunk);
          const found = /TensorBoard \S+ at (\S+?)\/? /.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        };
        server.stdout!.on('data', hear);
        server.stderr!.on('data', hear);
        server.once('exit', () => reject(new Error(said)));
      });
    }, 120_000);
    afterAll(async () => {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    });

    const run = 'colours/001/tensorboard';
    const ask = async (path: string): Promise<unknown> => (await fetch(`${address}/data/plugin/${path}`)).json();
    const points = (plugin: string, tag: string): Promise<unknown> =>
      ask(`${plugin}/${plugin}?${String(new URLSearchParams({ run, tag }))}`);

    it('shows the whole run, the resumed part included, once', async () => {
      let tags: Record<string, object> = {};
      for (let tries = 0; tries < 60 && !(run in tags); tries++) {
        await setTimeout(500);
        tags = (await ask('scalars/tags')) as Record<string, object>;
      }
      expect(Object.keys(tags)).toEqual([run]);
      const expected = Object.keys(epochs[0]!.metrics).map((key) => `epoch/${key}`);
      expect(Object.keys(tags[run]!)).toEqual(expect.arrayContaining(expected));
      for (const key of Object.keys(epochs[0]!.metrics) as (keyof EpochMetrics)[]) {
        const curve = (await points('scalars', `epoch/${key}`)) as [number, number, number][];
        expect(curve.map(([, step]) => step)).toEqual([1, 2, 3]);
        expect(curve.map(([, , value]) => value)).toEqual(epochs.map(({ metrics }) => Math.fround(metrics[key]!)));
      }
      const steps = (await points('scalars', 'step/train/primaryLoss')) as [number, number, number][];
      expect(steps.map(([, step]) => step)).toEqual(Array.from({ length: steps.length }, (_, i) => 2 * i + 1));
      expect(steps.length).toBeGreaterThan(4);
    }, 120_000);

    it('shows the use of labels, a bar for each auxiliary class', async () => {
      for (const [place, use] of epochs[0]!.labelUse!.entries()) {
        const histograms = (await points('histograms', `labels/${use.primaryClass}`)) as [
          number,
          number,
          [number, number, number][],
        ][];
        expect(histograms.map(([, step]) => step)).toEqual([1, 2, 3]);
        for (const [i, [, , bars]] of histograms.entries()) {
          const { shares, samples } = epochs[i]!.labelUse![place]!;
          expect(bars).toHaveLength(shares.length);
          bars.forEach(([left, right, count], k) => {
            expect([left, right]).toEqual([k - 0.5, k + 0.5]);
            expect(count).toBeCloseTo(shares[k]! * samples, 3);
          });
        }
      }
    }, 60_000);

    it('shows the images that are typical of each auxiliary class', async () => {
      for (const { primaryClass } of epochs[0]!.labelUse!) {
        const drawn = (await points('images', `gallery/${primaryClass}`)) as { step: number; query: string }[];
        expect(drawn.map(({ step }) => step)).toContain(3);
        for (const { query } of drawn) {
          const answer = await fetch(`${address}/data/plugin/images/individualImage?${query}`);
          const { format, height, width } = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
          expect(format).toBe('png');
          expect(Math.min(height, width)).toBeGreaterThanOrEqual(56);
        }
      }
    }, 60_000);
  });
});
