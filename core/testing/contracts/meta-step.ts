import assert from 'node:assert/strict';
import { disposeParams, type Variables } from '../../autodiff/index.js';
import { tf } from '../../engine/index.js';
import { passesOf } from '../../pipeline/index.js';
import { Walk } from '../../training/index.js';
import type { Bench, Built } from '../bench.js';
import { numbersOf, same } from '../comparisons.js';
import type { Check } from '../suite.js';
import { position, take } from '../take.js';

/** What the contract of a meta-step asks beyond its configuration and whole runs. */
export const metaStepChecks = (bench: Bench): Check[] => [
  {
    name: 'makes an epoch of passes with names of their own',
    run: () =>
      bench.with((built) => {
        const names = passesOf(built).map(({ name }) => name);
        assert.ok(names.length > 0, 'an epoch has no pass');
        assert.ok(
          names.every((name) => /^[a-z][\w-]*$/i.test(name)),
          names.join(', '),
        );
        assert.equal(new Set(names).size, names.length, names.join(', '));
      }),
  },
  {
    name: 'measures finite numbers at every step, and moves the weights',
    run: () =>
      bench.with((built) => {
        const { theta1 } = built.state;
        const before = numbersOf(theta1.variables.params);
        const measured = passesOf(built).flatMap((pass) => take(built, pass, 2));
        assert.ok(
          measured.some(({ type }) => type === 'step:end'),
          'no step of theta1 was measured',
        );
        for (const measurement of measured) {
          for (const [key, value] of Object.entries(measurement))
            if (typeof value === 'number') assert.ok(Number.isFinite(value), `${key} of ${measurement.type}: ${value}`);
        }
        assert.notDeepEqual(numbersOf(theta1.variables.params), before, 'theta1 stands still');
      }),
  },
  {
    name: 'keeps no tensors from step to step',
    run: () =>
      bench.with((built) => {
        for (const pass of passesOf(built)) {
          take(built, pass, 1);
          const before = tf.memory().numTensors;
          take(built, pass, 3);
          assert.equal(tf.memory().numTensors - before, 0, `tensors that 3 more steps of ${pass.name} leave behind`);
        }
      }),
  },
  {
    name: 'lets its gradient be computed in each of its ways without moving anything',
    run: () =>
      bench.with((built) => {
        const { metaStep, state, dataset, random } = built;
        for (const pass of passesOf(built)) take(built, pass, 2);
        for (const [name, method] of Object.entries(metaStep.methods ?? {})) {
          const before = { all: everything(built), tensors: tf.memory().numTensors };
          {
            using drawn = new Walk(dataset, random, 'train', 1).at(0);
            const gradient = method(state, drawn.batch, position('train', 1), drawn.draw);
            const strays = Object.keys(gradient).filter((key) => !(key in state.theta2!.variables.params));
            same(strays, [], `${name}: gradients of what theta2 has not`);
            disposeParams(gradient);
          }
          assert.equal(tf.memory().numTensors - before.tensors, 0, `tensors that ${name} leaves behind`);
          same(everything(built), before.all, `what ${name} moved`);
        }
      }),
  },
];

const everything = ({ state: { theta1, theta2 } }: Built): unknown =>
  [theta1, theta2].map((learner) => {
    if (!learner) return undefined;
    const { params, state }: Variables = learner.variables;
    return [numbersOf(params), numbersOf(state), numbersOf(learner.optimizer.tensors), learner.optimizer.count];
  });
