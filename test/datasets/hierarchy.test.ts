import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hierarchy } from '../../core/datasets/index.js';
import { ConfigError } from '../../core/errors/index.js';

const base = { name: 'animal', classes: ['cat', 'dog', 'trout', 'tuna'] };

const issuesOf = (groupings: Parameters<typeof hierarchy>[1], of = base) => {
  try {
    hierarchy(of, groupings);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw error;
  }
  return [];
};

describe('hierarchy', () => {
  it('makes a level of each grouping, by name and by index, and links the base level to it', () => {
    expect(hierarchy(base, { kind: { mammal: ['cat', 1], fish: [3, 'trout'] } })).toEqual({
      kind: { name: 'kind', classes: ['mammal', 'fish'], derivedFrom: { level: 'animal', of: [0, 0, 1, 1] } },
      animal: { ...base, parent: { level: 'kind', of: [0, 0, 1, 1] } },
    });
  });

  it('chains groupings that refine each other', () => {
    const levels = hierarchy(base, {
      any: { animal: [0, 1, 2, 3] },
      kind: { fish: [2, 3], cats: [0], dogs: [1] },
      home: { land: [0, 1], water: [2, 3] },
    });
    expect(levels['animal']!.parent).toEqual({ level: 'kind', of: [1, 2, 0, 0] });
    expect(levels['kind']!.parent).toEqual({ level: 'home', of: [1, 0, 0] });
    expect(levels['home']!.parent).toEqual({ level: 'any', of: [0, 0] });
    expect(levels['any']!.parent).toBeUndefined();
  });

  it('links towards the level that is asked for where groupings cross', () => {
    const crossing = { kind: { mammal: [0, 1], fish: [2, 3] }, size: { small: [0, 2], large: [1], huge: [3] } };
    expect(hierarchy(base, crossing)['animal']!.parent!.level).toBe('size');
    expect(hierarchy(base, crossing, 'kind')['animal']!.parent!.level).toBe('kind');
    expect(hierarchy(base, crossing)['size']!.parent).toBeUndefined();
  });

  it('composes parent links to the grouping itself', () => {
    const groupings = fc
      .array(fc.nat(5), { minLength: 1, maxLength: 12 })
      .chain((fine) =>
        fc
          .array(fc.nat(2), { minLength: 6, maxLength: 6 })
          .map((merge) => ({ fine, coarse: fine.map((c) => merge[c]!) })),
      );
    fc.assert(
      fc.property(groupings, ({ fine, coarse }) => {
        const classes = fine.map((_, index) => `class ${index}`);
        const grouped = (of: number[]) =>
          Object.fromEntries([...new Set(of)].map((g) => [`g${g}`, of.flatMap((x, i) => (x === g ? [i] : []))]));
        const levels = hierarchy({ name: 'base', classes }, { fine: grouped(fine), coarse: grouped(coarse) });
        for (const [index, group] of coarse.entries()) {
          let [name, label] = ['base', index];
          while (name !== 'coarse' && levels[name]!.parent) {
            const { level, of } = levels[name]!.parent!;
            [name, label] = [level, of[label]!];
          }
          expect(levels[name]!.classes[label]).toBe(`g${group}`);
        }
      }),
    );
  });

  it('names every class that is in no group or in two', () => {
    expect(issuesOf({ kind: { mammal: ['cat', 'tuna'], fish: [3, 0] } })).toEqual([
      'dataset.levels.kind.fish.0: class "tuna" is already in "mammal"',
      'dataset.levels.kind.fish.1: class "cat" is already in "mammal"',
      'dataset.levels.kind: class "dog" of level "animal" is in no group',
      'dataset.levels.kind: class "trout" of level "animal" is in no group',
    ]);
  });

  it('names the class that a misspelt member was meant to be', () => {
    const [name, index] = issuesOf({ kind: { all: ['catt', 'cat', 'dog', 'trout', 'tuna', 4] } });
    expect(name).toContain('kind.all.0: no class "catt" in level "animal"; the nearest is "cat"');
    expect(index).toContain('no class 4 in level "animal"; its indices are 0 to 3');
  });

  it('refuses a grouping with the name of the base level and two classes of one name', () => {
    expect(issuesOf({ animal: { all: [0, 1, 2, 3] } })[0]).toContain("is the name of the samples' own level");
    expect(issuesOf({}, { name: 'x', classes: ['a', 'b', 'a'] })).toEqual([
      'dataset.levels.x: classes 0 and 2 are both named "a"',
    ]);
  });
});
