import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const soak = async (...options: string[]): Promise<Record<string, { ok: boolean; data: Record<string, unknown> }>> => {
  // Heap settles over more runs than a test has time for; then the exit code is 1.
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'soak.mjs'),
    ...options,
    '--json',
  ]).catch((error: unknown) => error as { readonly stdout: string });
  return JSON.parse(stdout) as Awaited<ReturnType<typeof soak>>;
};

// The documented runs are longer: docs/robustness.md.
describe('npm run soak', () => {
  it.each(['maxl, momentum, streaming', 'autoencoder-kmeans, adam'])(
    '%s',
    async (only) => {
      const { kills } = await soak('--kills', '2', '--only', only);
      expect(kills).toMatchObject({ ok: true, data: { kills: 2, faults: [] } });
    },
    300_000,
  );

  it('leaves nothing of many runs', async () => {
    const { data } = (await soak('--runs', '20'))['many runs']!;
    const { early, late } = data as Record<'early' | 'late', { tensors: number; listeners: number }>;
    expect({ ...late, heap: 0 }).toEqual({ ...early, heap: 0 });
  }, 300_000);
});
