import assert from 'node:assert/strict';
import { Generator, tf } from '../../engine/index.js';
import type { Dataset, Split } from '../../stages/index.js';
import type { Bench } from '../bench.js';
import { allFinite, near, numbersOf, same } from '../comparisons.js';
import type { Check } from '../suite.js';

/** What the contract of a dataset asks beyond its configuration and whole runs. */
export const datasetChecks = (bench: Bench): Check[] => [
  {
    name: 'has levels that fit each other',
    run: () =>
      bench.with(({ dataset: { levels, primary, fine, inputShape } }) => {
        assert.ok(inputShape.length > 0 && inputShape.every((size) => Number.isInteger(size) && size > 0));
        for (const level of [primary, fine ?? primary]) assert.ok(levels[level], `there is no level "${level}"`);
        for (const [name, { name: own, classes, parent }] of Object.entries(levels)) {
          assert.equal(own, name, 'the name of a level');
          assert.ok(classes.length > 0, `${name} has no classes`);
          assert.equal(new Set(classes).size, classes.length, `two classes of ${name} have one name`);
          if (!parent) continue;
          const above = levels[parent.level];
          assert.ok(above, `${name} refines ${parent.level}, which is no level`);
          assert.equal(parent.of.length, classes.length, `parents of the classes of ${name}`);
          assert.ok(
            parent.of.every((of) => of in above.classes),
            `a class of ${name} has no parent in ${parent.level}`,
          );
        }
      }),
  },
  {
    name: 'standardises a number to predict by the training samples',
    run: () =>
      bench.with(({ dataset: { target, levels, primary, train } }) => {
        if (!target) return;
        assert.equal(levels[primary]!.classes.length, 1, 'classes of the primary level, which is one for all samples');
        const { targets = new Float32Array() } = train;
        const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
        near(mean(targets), 0, 0, 1e-4, 'the mean of the training samples');
        near(mean(targets.map((value) => value ** 2)), 1, 1e-3, 0, 'their variance');
      }),
  },
  {
    name: 'labels every sample in every level',
    run: () =>
      bench.with(({ dataset }) => {
        for (const [name, { size, labels, targets }] of splitsOf(dataset)) {
          assert.ok(size > 0, `${name} is empty`);
          if (dataset.target) assert.equal(targets?.length, size, `values of ${dataset.target.name} in ${name}`);
          for (const [level, { classes, parent }] of Object.entries(dataset.levels)) {
            const own = labels[level];
            assert.ok(own instanceof Int32Array, `${name} has no labels of ${level}`);
            assert.equal(own.length, size, `labels of ${level} in ${name}`);
            assert.ok(
              own.every((label) => label in classes),
              `a label of ${level} in ${name} is no class`,
            );
            const above = parent && labels[parent.level]!;
            const strays = parent ? own.findIndex((label, n) => parent.of[label] !== above![n]) : -1;
            assert.equal(strays, -1, `sample ${strays} of ${name} has another ${parent?.level} than its ${level}`);
          }
        }
      }),
  },
  {
    name: 'gives inputs by position, as tensors of the caller',
    run: () =>
      bench.with(({ dataset }) => {
        for (const [name, { size, inputs }] of splitsOf(dataset)) {
          const before = tf.memory().numTensors;
          const [first, again] = [inputs(Int32Array.of(0, size - 1, 0)), inputs(Int32Array.of(size - 1))];
          same(first.shape, [3, ...dataset.inputShape], `shape in ${name}`);
          assert.equal(first.dtype, 'float32', `dtype in ${name}`);
          assert.ok(allFinite(first), `${name} has inputs that aren't finite`);
          const [a, b, c] = tf.tidy(() => first.unstack().map((row) => [...row.dataSync()]));
          same(c, a, `the same position of ${name}, twice`);
          same([...again.dataSync()], b, `the last position of ${name}, alone`);
          tf.dispose([first, again]);
          assert.equal(tf.memory().numTensors, before, `the inputs of ${name} aren't the caller's alone`);
        }
      }),
  },
  {
    name: 'has the same samples for the same seed',
    async run() {
      const read = () =>
        bench.with(({ dataset }) => splitsOf(dataset).map(([name, split]) => [name, beginning(split)]));
      same(await read(), await read(), 'the samples');
    },
  },
  {
    name: 'augments by the generator alone, and only borrows',
    run: () =>
      bench.with(({ dataset: { augment, train } }) => {
        if (!augment) return;
        using inputs = train.inputs(Int32Array.from({ length: Math.min(train.size, 16) }, (_, n) => n));
        const before = [...inputs.dataSync()];
        const augmented = () => {
          const random = Generator.for(1, 'augment');
          return Array.from({ length: 3 }, () => {
            using changed = augment(inputs, random);
            same(changed.shape, inputs.shape, 'the shape');
            return numbersOf({ changed });
          });
        };
        same(augmented(), augmented(), 'the same generator, twice');
        same([...inputs.dataSync()], before, 'the inputs it was given');
      }),
  },
  {
    name: 'says how its inputs were normalised, for each channel',
    run: () =>
      bench.with(({ dataset: { normalisation, inputShape } }) => {
        if (!normalisation) return;
        const { mean, deviation } = normalisation;
        same([mean.length, deviation.length], [inputShape.at(-1), inputShape.at(-1)], 'numbers of mean and deviation');
        assert.ok(mean.every(Number.isFinite) && deviation.every((value) => value > 0 && Number.isFinite(value)));
      }),
  },
];

const splitsOf = ({ train, validation, heldOut, test }: Dataset): [string, Split][] =>
  Object.entries({ train, validation, heldOut, test }).flatMap(([name, split]) => (split ? [[name, split]] : []));

/** All labels of a split, and its first inputs. */
function beginning({ size, labels, inputs }: Split): unknown {
  using first = inputs(Int32Array.from({ length: Math.min(size, 16) }, (_, n) => n));
  return { size, labels, first: [...first.dataSync()] };
}
