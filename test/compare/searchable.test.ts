import { describe, expect, it } from '@jest/globals';
import { refuseFixedKeys } from '../../core/compare/searchable.js';
import { settings } from '../../core/config/settings.js';
import type { ConfigError } from '../../core/errors/index.js';
import { datasetOptions } from '../../core/stages/index.js';

const refusals = (keys: readonly string[]): readonly string[] => {
  try {
    refuseFixedKeys(keys);
    return [];
  } catch (error) {
    return (error as ConfigError).issues.map(({ path }) => path.join('.'));
  }
};

describe('a key of a search', () => {
  it('may not be one that all variants share', () => {
    const shared = [
      ...Object.keys(settings.shape),
      'observers',
      'observers.0.level',
      'extends',
      'checkpoints.everySteps',
      'evaluation.select',
      'dataset',
      'dataset.use',
      'dataset.path',
      'dataset.augmentation',
      ...Object.keys(datasetOptions)
        .filter((key) => !['augment', 'normalise'].includes(key))
        .map((key) => `dataset.${key}`),
      'auxiliary',
      'auxiliary.use',
    ];
    expect(refusals(shared)).toEqual(shared);
  });

  it('may be one of what is learned with, or of how samples look', () => {
    const own = ['model.hidden', 'model', 'loss.gamma', 'auxiliary.psi', 'combiner', 'metaStep.optimizer.learningRate'];
    expect(refusals([...own, 'optimizer', 'dataset.augment', 'dataset.augment.crop', 'dataset.normalise'])).toEqual([]);
    // What nobody knows is left to those who look for the nearest name.
    expect(refusals(['optimiser.learningRate', 'constructor'])).toEqual([]);
  });

  it.each([' epochs', 'epochs=7 #', 'a b', 'a..b', ''])('has to be a key: %j', (key) => {
    expect(() => refuseFixedKeys([key])).toThrow('no key of a pipeline: expected names joined by dots');
  });

  it('is refused with its reason, and with what may be searched', () => {
    expect(() => refuseFixedKeys(['seed'])).toThrow(
      "--search: seed: can't be searched: each trial has the seed that --search-seeds or --seeds gives it",
    );
    expect(() => refuseFixedKeys(['epochs', 'model.hidden'])).toThrow(
      expect.objectContaining({
        hint: expect.stringMatching(/^Keys below model, .*optimizer.*, dataset\.augment and dataset\.normalise may be/),
      }),
    );
  });
});
