import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { tf } from '../../core/engine/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import { isEvent, type StepMeasurement } from '../../core/events/index.js';
import { compose, dryRun, passesOf, run } from '../../core/pipeline/index.js';
import { heads, Objective, Walk } from '../../core/training/index.js';
import { Focal } from '../../plugins/basics/focal.js';
import { Rotation } from '../../plugins/rotation/rotation.js';
import { quarterTurns } from '../../plugins/rotation/quarter-turns.js';
import { toyPipeline } from '../pipeline/toy.js';
import { datasetOf } from './hierarchy-dataset.js';

const spec = (copies: string, epochs = 1) => ({
  auxiliary: { use: 'rotation', copies },
  metaStep: { use: 'none' },
  model: { use: 'mlp', hidden: [6] },
  epochs,
});

describe('a quarter turn', () => {
  it('is counterclockwise, and keeps channels and images apart', () => {
    tf.tidy(() => {
      const image = [
        [
          [1, 10],
          [2, 20],
        ],
        [
          [3, 30],
          [4, 40],
        ],
      ];
      const other = tf.zeros<tf.Rank.R4>([1, 2, 2, 2]);
      const turned = [0, 1, 2, 3].map((turns) => {
        const [first, second] = quarterTurns(
          tf.concat([tf.tensor4d([image]), other]),
          turns,
        ).arraySync() as number[][][][];
        expect(second).toEqual(other.arraySync()[0]);
        expect(first!.flat().every(([a, b]) => b === 10 * a!)).toBe(true);
        return first!.flat().map(([a]) => a);
      });
      expect(turned).toEqual([
        [1, 2, 3, 4],
        [2, 4, 1, 3],
        [4, 3, 2, 1],
        [3, 1, 4, 2],
      ]);
    });
  });

  it('four times is none, and two are two of one', () => {
    tf.tidy(() => {
      const x = tf.randomNormal([3, 5, 5, 2]);
      const turn = (y: tf.Tensor) => quarterTurns(y, 1);
      expect(quarterTurns(x, 2).dataSync()).toEqual(turn(turn(x)).dataSync());
      expect(quarterTurns(x, 3).dataSync()).toEqual(turn(turn(turn(x))).dataSync());
      expect(x.dataSync()).toEqual(turn(turn(turn(turn(x)))).dataSync());
    });
  });
});

describe('rotation', () => {
  const labelsAt = async (copies: string, epoch: number, seed = 3) => {
    using composition = await compose(await toyPipeline({ ...spec(copies), seed }));
    const { labels, dataset, random } = composition;
    await labels.epochStart!(epoch);
    using drawn = new Walk(dataset, random, 'train', 1).at(0);
    using made = labels.for(drawn.batch, undefined);
    const { inputs } = drawn.batch;
    const classes = tf.tidy(() => [...tf.argMax(made.targets, 1).dataSync()]);
    const straightened = tf.tidy(() =>
      classes.map((turn, row) => {
        const image = tf.slice(made.inputs!, [row], [1]);
        const own = tf.slice(inputs, [row % inputs.shape[0]], [1]);
        return tf.max(tf.abs(tf.sub(quarterTurns(image, (4 - turn) % 4), own))).dataSync()[0];
      }),
    );
    expect(straightened.every((error) => error === 0)).toBe(true);
    return classes;
  };

  it('gives all four copies, the upright one first', async () => {
    expect(await labelsAt('all', 1)).toEqual([0, 1, 2, 3].flatMap((turn) => Array<number>(6).fill(turn)));
  });

  it('gives one copy at random: by seed and epoch, however often it is asked', async () => {
    const first = await labelsAt('one', 1);
    expect(first).toHaveLength(6);
    expect(new Set(first).size).toBeGreaterThan(1);
    expect(await labelsAt('one', 1)).toEqual(first);
    expect(await labelsAt('one', 2)).not.toEqual(first);
    expect(await labelsAt('one', 1, 4)).not.toEqual(first);
  });

  it('goes on from a snapshot with the turns of its epoch', async () => {
    using composition = await compose(await toyPipeline(spec('one')));
    using resumed = await compose(await toyPipeline(spec('one')));
    await composition.labels.epochStart!(7);
    const { tensors, values } = composition.labels.snapshot!();
    resumed.labels.restore!({ tensors, values: JSON.parse(JSON.stringify(values)) as unknown });
    using drawn = new Walk(composition.dataset, composition.random, 'train', 7).at(0);
    const [ours, theirs] = [composition, resumed].map(({ labels }) => {
      using made = labels.for(drawn.batch, undefined);
      return made.targets.dataSync();
    });
    expect(theirs).toEqual(ours);
    expect(() => resumed.labels.restore!({ tensors, values: { epoch: 'seven' } })).toThrow(DataError);
  });

  it.each(['all', 'one'])('%s: runs, the same for the same seed, and leaves nothing', async (copies) => {
    const before = tf.memory().numTensors;
    const losses = async () => {
      const events = await lastValueFrom(run(await toyPipeline(spec(copies, 2)), { record: false }).pipe(toArray()));
      return events.filter(isEvent('step:end')).map(({ primaryLoss, auxiliaryLoss }) => [primaryLoss, auxiliaryLoss]);
    };
    const first = await losses();
    expect(first).toHaveLength(10);
    expect(await losses()).toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('with all copies learns the primary task from the upright images alone', async () => {
    using rotated = await compose(await toyPipeline({ ...spec('all'), combiner: { use: 'sum', auxiliaryWeight: 0 } }));
    using plain = await compose(await toyPipeline({ ...spec('all'), auxiliary: { use: 'single-task' } }));
    const [ours, theirs] = [rotated, plain].map((composition) => {
      const { dataset, random, state } = composition;
      using drawn = new Walk(dataset, random, 'train', 1).at(0);
      const position = { epoch: 0, epochs: 1, pass: 'train', step: 1 };
      const [measured] = passesOf(composition)[0]!.step(state, drawn.batch, position, drawn.draw);
      const { params } = state.theta1.variables;
      const weights = Object.keys(params)
        .filter((name) => !name.startsWith(heads.auxiliary))
        .flatMap((name) => [...params[name]!.dataSync<'float32'>()]);
      return { measured, weights };
    });
    const { primaryLoss } = theirs!.measured as StepMeasurement;
    expect(ours!.measured).toMatchObject({ primaryLoss: expect.closeTo(primaryLoss, 5) });
    ours!.weights.forEach((value, i) => expect(value).toBeCloseTo(theirs!.weights[i]!, 5));
  });

  it('is refused for inputs that are no square images', async () => {
    const levels = { kind: { name: 'kind', classes: ['a', 'b'] } };
    const flat = datasetOf(levels, { kind: [0, 1] }, { primary: 'kind' });
    const random = { seed: 1 } as never;
    const make = (inputShape: number[]) => () => new Rotation({ copies: 'all' }, { ...flat, inputShape }, random);
    expect(make([2])).toThrow(ConfigError);
    expect(make([4, 6, 1])).toThrow(
      'auxiliary.use: rotation turns square images, and the inputs of animals have the shape [4, 6, 1]',
    );
    expect(make([4, 4, 1])).not.toThrow();
  });

  it('is valid as it stands', async () => {
    const { passes } = await dryRun(await toyPipeline(spec('one')));
    expect(passes[0]!.measurements[0]).toMatchObject({ auxiliaryLoss: expect.any(Number) });
  });
});

describe('a primary loss of the first outputs', () => {
  it('has the derivatives of the loss of a slice, and leaves nothing', () => {
    const focal = new Focal({ gamma: 2 });
    const objective = new Objective(focal, focal);
    tf.tidy(() => {
      const output = tf.randomNormal<tf.Rank.R2>([6, 3], 0, 1, 'float32', 1);
      const classes = tf.tensor1d([2, 0], 'int32');
      const onTape = (x: tf.Tensor) => objective.applyPrimary({ primary: x }, classes);
      const [value, slope] = [onTape(output).dataSync()[0]!, tf.grad(onTape)(output).dataSync()];
      const kept = tf.memory().numTensors;
      {
        using point = objective.primaryAt({ primary: output }, classes);
        expect(point.value).toBeCloseTo(value, 6);
        expect(point.cotangent.shape).toEqual([6, 3]);
        point.cotangent.dataSync().forEach((own, i) => expect(own).toBeCloseTo(slope[i]!, 6));
        using mixed = point.mixed(output);
        expect(mixed.shape).toEqual([2, 3]);
      }
      expect(tf.memory().numTensors).toBe(kept);
    });
  });
});
