import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawSubsets, drawValidation } from '../../core/datasets/subsets.js';
import { ConfigError } from '../../core/errors/index.js';

const samples = fc.array(fc.record({ label: fc.nat(3), group: fc.nat(40) }), { minLength: 10, maxLength: 80 });

describe('drawSubsets with groups', () => {
  it('draws the sizes asked for and shares no group, or says what is too much', () => {
    const sizes = fc.record({
      train: fc.option(fc.integer({ min: 1, max: 30 })),
      validation: fc.nat(20),
      heldOut: fc.nat(10),
    });
    let drawn = 0;
    fc.assert(
      fc.property(samples, sizes, fc.integer(), (all, { train, validation, heldOut }, seed) => {
        const groups = all.map(({ group }) => group);
        const asked = { ...(train !== null && { train }), validation, heldOut };
        let subsets;
        try {
          subsets = drawSubsets(
            Int32Array.from(all, ({ label }) => label),
            4,
            asked,
            seed,
            groups,
          );
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          return;
        }
        drawn += 1;
        const sets = [subsets.train, subsets.validation, subsets.heldOut];
        expect([subsets.validation.length, subsets.heldOut.length]).toEqual([validation, heldOut]);
        if (train !== null) expect(subsets.train).toHaveLength(train);
        const used = sets.map((positions) => new Set(Array.from(positions, (position) => groups[position]!)));
        for (const [index, own] of used.entries())
          for (const other of used.slice(index + 1)) expect([...own].filter((group) => other.has(group))).toEqual([]);
        if (train === null) {
          const held = new Set([...used[1]!, ...used[2]!]);
          expect([...subsets.train]).toEqual([...groups.keys()].filter((position) => !held.has(groups[position]!)));
        }
      }),
      { numRuns: 300 },
    );
    expect(drawn).toBeGreaterThan(50);
  });

  it('takes whole groups before it begins another', () => {
    const groups = Array.from({ length: 60 }, (_, i) => i % 10);
    const { train } = drawSubsets(new Int32Array(60), 1, { train: 20, validation: 0, heldOut: 0 }, 3, groups);
    const counts = new Map<number, number>();
    for (const position of train) counts.set(groups[position]!, (counts.get(groups[position]!) ?? 0) + 1);
    expect([...counts.values()].sort()).toEqual([2, 6, 6, 6]);
  });

  it('draws other groups with other seeds', () => {
    const groups = Array.from({ length: 40 }, (_, i) => i >> 2);
    const draw = (seed: number) =>
      drawSubsets(new Int32Array(40), 1, { train: 4, validation: 0, heldOut: 0 }, seed, groups).train[0];
    expect(new Set([1, 2, 3, 4, 5, 6].map(draw)).size).toBeGreaterThan(2);
  });

  it('says when holding out would leave nothing to train on', () => {
    const draw = () => drawSubsets(new Int32Array(4), 1, { validation: 2, heldOut: 0 }, 1, [7, 7, 7, 7]);
    expect(draw).toThrow('dataset.validation: holding out 2 samples, and all that belong with them, leaves none');
  });
});

describe('drawValidation', () => {
  const classes = Int32Array.from({ length: 30 }, (_, i) => (i < 20 ? 0 : 1));

  it('takes all, or some in their own proportions', () => {
    expect([...drawValidation(classes, 2, 0, 1)]).toEqual([...Array(30).keys()]);
    expect(drawValidation(classes, 2, 30, 1)).toHaveLength(30);
    const some = drawValidation(classes, 2, 6, 1);
    expect([...some].filter((position) => position < 20)).toHaveLength(4);
    expect([...some]).toEqual([...some].sort((a, b) => a - b));
    expect(drawValidation(classes, 2, 6, 1)).toEqual(some);
  });

  it('refuses more than there are', () => {
    expect(() => drawValidation(classes, 2, 31, 1)).toThrow('31 asked for, but there are 30 validation samples');
  });
});
