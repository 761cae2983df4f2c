import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { GradientComparison } from '../../core/cli/gradients.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { auxflow } from './command-line.js';

const root = join(import.meta.dirname, '../..');
const real = {
  plugins: builtIn,
  defaults,
  cwd: root,
  command: [process.execPath, join(root, 'bin/auxflow.js')] as const,
};
const small = [
  'dataset.train=60',
  'dataset.test=100',
  'dataset.batch=20',
  'model={use: mlp, hidden: [8]}',
  'optimizer.learningRate=0.01',
].flatMap((set) => ['--set', set]);
const compare = (...argv: string[]) => auxflow(['doctor', '--gradients', ...small, ...argv], real);

describe('auxflow doctor --gradients', () => {
  it('compares every method with the exact one, each in a process of its own', async () => {
    const { code, stdout } = await compare('--json');
    expect(code).toBe(0);
    const { methods } = JSON.parse(stdout) as GradientComparison;
    expect(methods.map(({ method }) => method)).toEqual([
      'exact',
      'finite-difference',
      'no-look-ahead',
      'unrolled',
      'double-backward',
    ]);
    for (const { method, cosine, normRatio, durationMs, peakBytes } of methods) {
      const approximate = method === 'finite-difference' || method === 'no-look-ahead';
      expect(cosine).toBeGreaterThan(approximate ? 0.9 : 0.999);
      if (method === 'exact') expect(cosine).toBeCloseTo(1, 14);
      expect(normRatio).toBeCloseTo(1, approximate ? 0 : 2);
      expect(durationMs).toBeGreaterThan(0);
      expect(peakBytes).toBeGreaterThan(0);
    }
  });

  it('prints a table, and the methods that can look several steps ahead where the pipeline does', async () => {
    const { code, stdout } = await compare('--set', 'metaStep.method=unrolled', '--set', 'metaStep.steps=2');
    expect(code).toBe(0);
    expect(stdout).toMatch(/against unrolled\nmethod +cosine +norm ratio +ms +peak MB\nunrolled +1\.000000 +1\.0000/);
    expect(stdout).toMatch(/\ndouble-backward +(1\.0|0\.99)/);
    expect(stdout).not.toMatch(/exact/);
  });

  it('makes a row of a method whose process ends', async () => {
    const command = [process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")', '--'] as const;
    const { code, stdout } = await auxflow(['doctor', '--gradients', ...small], { ...real, command });
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nexact +the process ended by SIGKILL, as it does when memory runs out/);
  });

  it('says why a pipeline has no meta-gradient', async () => {
    const { code, stderr } = await compare('--pipeline', 'pipelines/quickstart-single-task.yaml');
    expect(code).toBe(2);
    expect(stderr).toMatch(/metaStep.*computes no gradient[\s\S]*auxiliary\.use=maxl/);
  });
});
