import { describe, expect, it } from '@jest/globals';
import { evaluating } from '../../core/autodiff/index.js';
import { Random, tf } from '../../core/engine/index.js';
import { compose } from '../../core/pipeline/index.js';
import { epochOrder, Learner, Walk } from '../../core/training/index.js';
import { toyPipeline } from '../pipeline/toy.js';

/** 26 samples in batches of 6: five steps, the last of two samples. */
const walkOf = async (use: (walk: (epoch: number) => Walk, seed: number) => void, heldOut = 8): Promise<void> => {
  using composition = await compose(await toyPipeline({ auxiliary: { use: 'single-task' } }, { heldOut }));
  const { dataset, random } = composition;
  use((epoch) => new Walk(dataset, random, 'train', epoch), random.seed);
};
const taken = (walk: Walk, place: number, ahead = 0): number[] => {
  using drawn = walk.at(place);
  return [...(ahead === 0 ? drawn.batch : drawn.draw.ahead(ahead)).indices];
};

describe('a walk over the training split', () => {
  it('visits the epoch in its order, a short batch last', () =>
    walkOf((walk, seed) => {
      const batches = Array.from(walk(2).from(), (drawn) => {
        using owned = drawn;
        return [...owned.batch.indices];
      });
      expect(batches.map(({ length }) => length)).toEqual([6, 6, 6, 6, 2]);
      expect(batches.flat()).toEqual([...epochOrder(new Random(seed), 'train', 2, 26)]);
      expect(Array.from(walk(2).from(3), (drawn) => (drawn[Symbol.dispose](), drawn.batch.size))).toEqual([6, 2]);
    }));

  it("looks ahead into the next epoch's order", () =>
    walkOf((walk) => {
      expect(taken(walk(1), 1, 2)).toEqual(taken(walk(1), 3));
      expect(taken(walk(1), 4, 1)).toEqual(taken(walk(2), 0));
      expect(taken(walk(1), 3, 4)).toEqual(taken(walk(2), 2));
      expect(taken(walk(1), 5)).toEqual(taken(walk(2), 0));
      expect(taken(walk(2), 0)).not.toEqual(taken(walk(1), 0));
    }));

  it('draws another held-out batch at each step, and all samples before it repeats', () =>
    walkOf((walk) => {
      const held = (place: number): number[] => {
        using drawn = walk(1).at(place);
        return [...drawn.draw.heldOut().indices];
      };
      expect(held(0)).toHaveLength(6);
      expect(held(1)).not.toEqual(held(0));
      expect(held(0)).toEqual(held(0));
      expect(new Set([...held(0), ...held(1)]).size).toBe(8);
    }));

  it('frees what a step drew together with its batch', () =>
    walkOf((walk) => {
      const before = tf.memory().numTensors;
      {
        using drawn = walk(1).at(0);
        drawn.draw.ahead(1);
        drawn.draw.heldOut();
        expect(tf.memory().numTensors).toBe(before + 6);
      }
      expect(tf.memory().numTensors).toBe(before);
    }));

  it('has no held-out batch where the dataset holds nothing out', () =>
    walkOf((walk) => {
      using drawn = walk(1).at(0);
      expect(() => drawn.draw.heldOut()).toThrow(/holds no samples out/);
    }, 0));
});

describe('the masks of stochastic layers', () => {
  it("come from the run's seed, each network's own, and change with each update", async () => {
    const modes = async (seed: number) => {
      using composition = await compose(await toyPipeline({ seed }));
      const { theta1, theta2 } = composition.state;
      return [theta1.mode.seed, theta2!.mode.seed];
    };
    const [first, second] = [await modes(1), await modes(2)];
    expect(new Set([...first, ...second]).size).toBe(4);
    expect(await modes(1)).toEqual(first);

    const learner = new Learner({ params: {}, state: {} }, { tensors: {}, count: 3 }, 100);
    const { mode } = learner;
    learner.optimizer = { tensors: {}, count: 4 };
    expect(learner.mode.seed).not.toBe(mode.seed);
    expect(learner.mode.training).toBe(true);
    expect(evaluating.training).toBe(false);
  });
});
