import { describe, expect, it } from '@jest/globals';
import { inject, injectable } from 'inversify';
import type { z } from 'zod';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { PluginError } from '../../core/errors/index.js';
import { definePlugin, type Plugin, stage, type StageKind } from '../../core/plugins/index.js';
import { Dataset, StageConfig } from '../../core/stages/index.js';
import type { Batch, TaskParams } from '../../core/stages/index.js';
import { Focal, FocalConfig } from '../../plugins/basics/focal.js';
import { Sgd, SgdConfig } from '../../plugins/basics/sgd.js';
import { Uncertainty, UncertaintyConfig } from '../../plugins/loss-weighting/uncertainty.js';
import { check, conformance, failures } from '../../plugins/testing.js';
import { UniformLabels, UniformLabelsConfig } from '../../plugins/uniform-labels/uniform-labels.js';

/** The names of the checks that a stage fails, its whole runs left out. */
async function failed(kind: StageKind, schema: z.ZodObject, implementation: unknown, keys = {}): Promise<string[]> {
  const plugin = definePlugin({
    name: 'wrong',
    apiVersion: 1,
    stages: { [kind]: [stage('wrong', 'wrong on purpose', schema, implementation as never)] },
  }) as Plugin;
  const suite = conformance(kind, { plugin, stage: { use: 'wrong', ...keys }, runs: false });
  return Object.keys(await failures(suite));
}

describe('a suite finds', () => {
  it('a loss whose gradient is half of what it should be', async () => {
    @injectable()
    class Halved extends Focal {
      constructor(@inject(StageConfig) config: z.output<typeof FocalConfig>) {
        super(config);
      }
      override at(...given: Parameters<Focal['at']>) {
        const point = super.at(...given);
        const cotangent = tf.mul(point.cotangent, 0.5);
        const dispose = () => {
          point[Symbol.dispose]();
          cotangent.dispose();
        };
        return { ...point, cotangent, [Symbol.dispose]: dispose };
      }
    }
    expect(await failed('loss', FocalConfig, Halved)).toEqual([
      'has the gradient that the tape finds, and that differences find',
    ]);
  });

  it('a loss that forgets a tensor, and a schema that lets every key in', async () => {
    @injectable()
    class Forgetful extends Focal {
      constructor(@inject(StageConfig) config: z.output<typeof FocalConfig>) {
        super(config);
      }
      override at(...given: Parameters<Focal['at']>) {
        tf.scalar(1);
        return super.at(...given);
      }
    }
    expect(await failed('loss', FocalConfig.loose(), Forgetful)).toEqual([
      'refuses a key that it does not know',
      'owns what it makes, and only borrows what it is given',
    ]);
  });

  it('an optimizer whose look-ahead says another derivative than it has', async () => {
    @injectable()
    class Flat extends Sgd {
      constructor(@inject(StageConfig) config: z.output<typeof SgdConfig>) {
        super(config);
      }
      override lookAhead(...given: Parameters<Sgd['lookAhead']>) {
        const { factor, ...ahead } = super.lookAhead(...given);
        return { ...ahead, factor: 2 * factor! };
      }
    }
    expect(await failed('optimizer', SgdConfig, Flat, { learningRate: 0.1 })).toEqual([
      'knows the derivative of its step in the gradient',
    ]);
  });

  it('a combiner that forgets what it learned, and one that takes what it was lent', async () => {
    @injectable()
    class Forgetful extends Uncertainty {
      constructor(@inject(StageConfig) config: z.output<typeof UncertaintyConfig>) {
        super(config);
      }
      override restore(): void {}
    }
    expect(await failed('combiner', UncertaintyConfig, Forgetful)).toEqual([
      'goes on from its snapshot with what it learned',
    ]);

    @injectable()
    class Greedy extends Uncertainty {
      constructor(@inject(StageConfig) config: z.output<typeof UncertaintyConfig>) {
        super(config);
      }
      override combine(gradients: TaskParams): Params {
        const sum = super.combine(gradients);
        gradients.auxiliary['auxiliary/bias']?.dispose();
        return sum;
      }
    }
    expect(await failed('combiner', UncertaintyConfig, Greedy)).toContain(
      'gives its tensors to the caller, and only borrows what it is given',
    );
  });

  it('labels that chance draws anew, and that leave the block of their class', async () => {
    @injectable()
    class Chance extends UniformLabels {
      constructor(
        @inject(StageConfig) config: z.output<typeof UniformLabelsConfig>,
        @inject(Dataset) dataset: Dataset,
      ) {
        super(config, dataset);
      }
      override for({ size }: Batch) {
        const targets = tf.tidy(() => tf.softmax(tf.randomUniform([size, this.head.outputs])));
        return { targets, [Symbol.dispose]: () => targets.dispose() };
      }
    }
    expect(await failed('auxiliary', UniformLabelsConfig, Chance, { psi: 2 })).toEqual([
      'labels every sample, inside the block of its class',
      'labels the same way from the same seed',
      'goes on from its snapshot',
    ]);
  });
});

describe('a suite', () => {
  const plugin = definePlugin({
    name: 'own',
    apiVersion: 1,
    stages: { loss: [stage('brier', 'a loss', FocalConfig, Focal)] },
  });

  it('refuses a stage that the plugin does not bring, with the nearest name', () => {
    expect(() => conformance('loss', { plugin, stage: { use: 'breir' } })).toThrow(PluginError);
    expect(() => conformance('loss', { plugin, stage: { use: 'breir' } })).toThrow(/did you mean "brier"/);
    expect(() => conformance('loss', { plugin, stage: { use: 'focal' } })).toThrow(/"own" does not bring/);
  });

  it('becomes one test per check', () => {
    const suite = conformance('loss', { plugin, stage: { use: 'brier' } });
    const names: string[] = [];
    check(suite, {
      describe(name, body) {
        names.push(name);
        body();
      },
      it: (name) => names.push(name),
    });
    expect(names).toEqual(['loss "brier" of plugin own', ...suite.checks.map(({ name }) => name)]);
  });
});
