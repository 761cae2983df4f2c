import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const soak = async (...options: string[]): Promise<Record<string, { ok: boolean; data: Record<string, unknown> }>> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'soak.mjs'),
    ...options,
    '--json',
  ]);
  return JSON.parse(stdout) as Awaited<ReturnType<typeof soak>>;
};

// The documented runs are longer: docs/robustness.md.
describe('npm run soak', () => {
  it.each(['maxl, momentum, streaming', 'autoencoder-kmeans, adam'])(
    '%s',
    async (only) => {
      const { kills } = await soak('--kills', '3', '--only', only);
      expect(kills).toMatchObject({ ok: true, data: { kills: 3, faults: [] } });
    },
    300_000,
  );

  it('leaves nothing of many runs', async () => {
    const found = await soak('--runs', '40');
    expect(found['many runs']).toMatchObject({ ok: true });
  }, 300_000);
});
