import { describe, expect, it } from '@jest/globals';
import { tf } from '../../core/engine/index.js';
import { ConfigError } from '../../core/errors/index.js';
import { dryRun } from '../../core/pipeline/index.js';
import type { Dataset, Level } from '../../core/stages/index.js';
import { HumanHierarchy } from '../../plugins/human-hierarchy/human-hierarchy.js';
import { toyPipeline } from '../pipeline/toy.js';
import { datasetOf, everything } from './hierarchy-dataset.js';

/** An uneven tree, whose children do not come in the order of their parents, and a level across it. */
const levels: Readonly<Record<string, Level>> = {
  realm: { name: 'realm', classes: ['land', 'water'] },
  family: {
    name: 'family',
    classes: ['cats', 'fish', 'dogs'],
    parent: { level: 'realm', of: [0, 1, 0] },
  },
  animal: {
    name: 'animal',
    classes: ['cod', 'lion', 'wolf', 'tiger', 'fox', 'puma'],
    parent: { level: 'family', of: [1, 0, 2, 0, 2, 0] },
  },
  size: { name: 'size', classes: ['small', 'large'] },
};
const labels = {
  animal: [0, 1, 2, 3, 4, 1],
  family: [1, 0, 2, 0, 2, 0],
  realm: [1, 0, 0, 0, 0, 0],
  size: [0, 1, 1, 1, 0, 1],
};
const dataset = (primary: string, fine?: string): Dataset =>
  datasetOf(levels, labels, { primary, ...(fine !== undefined && { fine }) });

function labelsBy(config: { level?: string }, data: Dataset): { head: HumanHierarchy['head']; classes: number[] } {
  const strategy = new HumanHierarchy(config, data);
  using batch = everything(data);
  using made = strategy.for(batch);
  expect(tf.tidy(() => tf.sum(made.targets, 1).dataSync())).toEqual(Float32Array.from(batch.primaryClasses, () => 1));
  expect(made.targets.shape).toEqual([6, strategy.head.outputs]);
  const classes = tf.tidy(() => [...tf.argMax(made.targets, 1).dataSync()]);
  return { head: strategy.head, classes };
}

describe('human-hierarchy', () => {
  it('numbers the children of each primary class block by block, those without samples too', () => {
    const { head, classes } = labelsBy({ level: 'animal' }, dataset('family'));
    expect(head).toEqual({ task: 'classification', outputs: 6, psi: [3, 1, 2] });
    // lion, tiger, puma | cod | wolf, fox
    expect(classes).toEqual([3, 0, 4, 1, 5, 0]);
  });

  it('follows parent links over several levels, and takes the fine level by default', () => {
    const { head, classes } = labelsBy({}, dataset('realm', 'animal'));
    expect(head.psi).toEqual([5, 1]);
    expect(classes).toEqual([5, 0, 1, 2, 3, 0]);
  });

  it('makes a block of the classes that a primary class meets, where the levels cross', () => {
    const { head, classes } = labelsBy({ level: 'size' }, dataset('family'));
    expect(head).toEqual({ task: 'classification', outputs: 4, psi: [1, 1, 2] });
    expect(classes).toEqual([1, 0, 3, 0, 2, 0]);
  });

  it('shares the classes of a coarser level, since blocks of one would only repeat the primary task', () => {
    const { head, classes } = labelsBy({ level: 'realm' }, dataset('animal'));
    expect(head).toEqual({ task: 'classification', outputs: 2 });
    expect(classes).toEqual(labels.realm);
  });

  it('refuses a level that is not there, naming those that are and the nearest', () => {
    const wrong = () => new HumanHierarchy({ level: 'animals' }, dataset('family'));
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(
      'auxiliary.level: animals has no label level "animals"; the nearest is "animal"\n' +
        '  Levels of animals: realm, family, animal, size; the primary one is family.',
    );
    expect(() => new HumanHierarchy({ level: 'constructor' }, dataset('family'))).toThrow(
      /no label level "constructor"/,
    );
    expect(() => new HumanHierarchy({}, dataset('family'))).toThrow(/names no fine level/);
  });

  it('refuses labels that contradict the tree', () => {
    const contradicting = { ...labels, animal: [1, 1, 2, 3, 4, 1] };
    const data = datasetOf(levels, contradicting, { primary: 'family' });
    expect(() => new HumanHierarchy({ level: 'animal' }, data)).toThrow(
      'training sample 0 of animals is "fish" at level family, but its class "lion" at level animal belongs to another',
    );
  });

  it('is refused at validation where the dataset has no other level', async () => {
    const pipeline = await toyPipeline({
      auxiliary: { use: 'human-hierarchy', level: 'fine' },
      metaStep: { use: 'none' },
    });
    await expect(dryRun(pipeline)).rejects.toThrow(/toy has no level but the primary one/);
  });
});
