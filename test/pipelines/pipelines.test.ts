import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadPipeline } from '../../core/config/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';

const root = join(import.meta.dirname, '../../pipelines');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
const load = (file: string) => loadPipeline(join(root, file), { plugins: builtIn, defaults });

describe('pipelines/', () => {
  it('holds those of the paper', () => {
    expect(files.filter((file) => file.startsWith('paper')).length).toBeGreaterThanOrEqual(14);
  });

  it.each(files)('%s is a pipeline', async (file) => {
    const { stages, name } = await load(file);
    expect(name).toMatch(/^[\w.-]+$/);
    // Whatever it extends: these data sets have nothing finer than their classes.
    const { use, config } = stages.dataset;
    if (['cifar10', 'svhn', 'cinic10', 'image-folder'].includes(use)) expect(config).not.toHaveProperty('fine');
  });

  it('names each run folder once', async () => {
    const names = await Promise.all(files.map(async (file) => (await load(file)).name));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['cifar100-3-to-10', 3, 10],
    ['cifar100-3-to-20', 3, 20],
    ['cifar100-3-to-100', 3, 100],
    ['cifar100-10-to-20', 10, 20],
    ['cifar100-10-to-100', 10, 100],
  ])('paper/%s has a psi of that many classes', async (file, primary, fine) => {
    const psi = (await load(`paper/${file}.yaml`)).stages.auxiliary.config['psi'] as number[];
    expect(psi).toHaveLength(primary);
    expect(psi.reduce((sum, size) => sum + size, 0)).toBe(fine);
  });

  it('takes the rates of the paper', async () => {
    const { optimizer, metaStep, model, loss } = (await load('paper/cifar100-20-to-100.yaml')).stages;
    const inner = metaStep.nested['optimizer']!;
    expect(optimizer.nested['learningRate']!.config).toEqual({ initial: 0.01, every: 50, factor: 0.5 });
    expect(inner.nested['learningRate']!.config).toEqual({ initial: 0.001, every: 50, factor: 0.5 });
    expect(inner.config['weightDecay']).toBe(0.0005);
    expect([model.use, loss.config['gamma']]).toEqual(['vgg16', 2]);
  });
});
