import { describe, expect, it } from '@jest/globals';
import { inject, injectable } from 'inversify';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { mapParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { PluginError } from '../../core/errors/index.js';
import type { RunEvent } from '../../core/events/index.js';
import { definePlugin, type Plugin, stage, type StageKind } from '../../core/plugins/index.js';
import { blockHead, Dataset, StageConfig } from '../../core/stages/index.js';
import type { Batch, Position, TaskParams } from '../../core/stages/index.js';
import { Focal, FocalConfig } from '../../plugins/basics/focal.js';
import { Sgd, SgdConfig } from '../../plugins/basics/sgd.js';
import { Uncertainty, UncertaintyConfig } from '../../plugins/loss-weighting/uncertainty.js';
import { check, conformance, failures } from '../../plugins/testing.js';
import { UniformLabels, UniformLabelsConfig } from '../../plugins/uniform-labels/uniform-labels.js';

/** What the checks say that a stage fails, by their names. */
async function complaints(kind: StageKind, schema: z.ZodObject, implementation: unknown, keys = {}, runs = false) {
  const plugin = definePlugin({
    name: 'wrong',
    apiVersion: 1,
    stages: { [kind]: [stage('wrong', 'wrong on purpose', schema, implementation as never)] },
  }) as Plugin;
  const suite = conformance(kind, { plugin, stage: { use: 'wrong', ...keys }, runs });
  return failures(suite);
}

/** The names of the checks that a stage fails, its whole runs left out. */
const failed = async (...given: Parameters<typeof complaints>): Promise<string[]> =>
  Object.keys(await complaints(...given));

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

  it('a combiner that combines by other weights than it says, once it has learned some', async () => {
    @injectable()
    class Even extends Uncertainty {
      constructor(@inject(StageConfig) config: z.output<typeof UncertaintyConfig>) {
        super(config);
      }
      override combine({ primary, auxiliary }: TaskParams): Params {
        return mapParams({ ...primary, ...auxiliary }, (tensor, name) =>
          tf.addN([primary[name], auxiliary[name]].flatMap((part) => part ?? tf.zerosLike(tensor))),
        );
      }
    }
    expect(await failed('combiner', UncertaintyConfig, Even)).toContain(
      'is the weighted sum that its weights say, where it has some',
    );
  });

  it('a loss and a schedule that count how often they were asked', async () => {
    @injectable()
    class Tiring extends Focal {
      private asked = 0;
      constructor(@inject(StageConfig) config: z.output<typeof FocalConfig>) {
        super(config);
      }
      override at(...given: Parameters<Focal['at']>) {
        const point = super.at(...given);
        return { ...point, value: point.value * (1 + 1e-7 * this.asked++) };
      }
    }
    expect(await failed('loss', FocalConfig, Tiring)).toEqual([
      'says the same of the same, whatever it was asked before',
    ]);

    @injectable()
    class Falling {
      private least = Infinity;
      at({ epoch }: Position): number {
        return (this.least = Math.min(this.least, Math.abs(epoch - 3)));
      }
    }
    expect(await failed('schedule', z.strictObject({}), Falling)).toEqual([
      'has one finite value, 0 or more, at every position',
    ]);
  });

  it('an observer that never settles, without waiting for it at every check', async () => {
    @injectable()
    class Endless {
      readonly name = 'endless';
      observe = () => new Promise<void>(() => undefined);
    }
    const began = performance.now();
    const found = await complaints('observer', z.strictObject({}), Endless, {}, true);
    expect(performance.now() - began).toBeLessThan(25_000);
    const [first, ...later] = Object.values(found);
    expect(first).toMatch(/endless: it did not finish after the last event within 10 seconds/);
    expect(later).toHaveLength(8);
    for (const message of later) expect(message).toMatch(/not asked again: .*did not finish after the last event/);
  }, 60_000);

  it('an observer that fails after the last event, when the run itself can say so no more', async () => {
    @injectable()
    class Failing {
      readonly name = 'failing';
      async observe(events: Observable<RunEvent>): Promise<void> {
        await events.forEach(() => undefined);
        throw new Error('the disk is full');
      }
    }
    const found = await complaints('observer', z.strictObject({}), Failing);
    expect(found['finishes after the last event']).toMatch(/failing: the disk is full/);
  });

  it('labels that go wrong from the second epoch on', async () => {
    @injectable()
    class Late extends UniformLabels {
      private epoch = 0;
      constructor(
        @inject(StageConfig) config: z.output<typeof UniformLabelsConfig>,
        @inject(Dataset) dataset: Dataset,
      ) {
        super(config, dataset);
      }
      epochStart(epoch: number) {
        this.epoch = epoch;
      }
      override for(batch: Batch) {
        const labels = super.for(batch);
        if (this.epoch < 2) return labels;
        using right = labels.targets;
        const targets = tf.reverse(right, 1);
        return { targets, [Symbol.dispose]: () => targets.dispose() };
      }
    }
    expect(await failed('auxiliary', UniformLabelsConfig, Late, { psi: [2, 1, 3] })).toEqual([
      'labels every sample, inside the block of its class',
    ]);
  });

  it('labels by brightness that chance disturbs a little', async () => {
    @injectable()
    class Disturbed {
      readonly head;
      constructor(
        @inject(StageConfig) { psi }: z.output<typeof UniformLabelsConfig>,
        @inject(Dataset) dataset: Dataset,
      ) {
        this.head = blockHead(psi, dataset);
      }
      for({ inputs, primaryClasses, size }: Batch) {
        const targets = tf.tidy(() => {
          const disturbed = tf.add(inputs, tf.randomUniform(inputs.shape));
          const brightness = tf.clipByValue(tf.mean(tf.reshape(disturbed, [size, -1]), 1), 0, 1);
          const step = tf.minimum(tf.floor(tf.mul(brightness, 3)), 2);
          const start = tf.tensor1d(Array.from(primaryClasses, (own) => 3 * own));
          return tf.oneHot(tf.cast(tf.add(start, step), 'int32'), this.head.outputs, 1, 0, 'float32');
        });
        return { targets, [Symbol.dispose]: () => targets.dispose() };
      }
    }
    const found = await failed('auxiliary', UniformLabelsConfig, Disturbed, { psi: 3 });
    expect(found).toContain('labels the same way from the same seed');
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
