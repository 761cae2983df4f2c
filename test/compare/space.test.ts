import { describe, expect, it } from '@jest/globals';
import { draw, readSpace } from '../../core/compare/space.js';
import { Folder } from '../config/folder.js';

const space = {
  rate: { log: [0.001, 1] as [number, number] },
  weight: { linear: [-1, 1] as [number, number] },
  size: { integer: [2, 4] as [number, number] },
  kind: ['a', null, { use: 'b' }],
};
const valuesOf = (key: string, count = 400): unknown[] =>
  Array.from({ length: count }, (_, trial) => JSON.parse(draw(space, [key], 5, trial)[0]!.split('=')[1]!) as unknown);

describe('draw', () => {
  it('gives the same trial of each key the same value, whatever other keys there are', () => {
    expect(draw(space, ['rate', 'size'], 5, 3)).toEqual(
      draw(space, ['rate', 'weight', 'size'], 5, 3).filter((_, i) => i !== 1),
    );
    expect(draw(space, ['rate'], 5, 3)).not.toEqual(draw(space, ['rate'], 5, 4));
    expect(draw(space, ['rate'], 5, 3)).not.toEqual(draw(space, ['rate'], 6, 3));
  });

  it('draws evenly in the logarithm, evenly, whole numbers with both ends, or from a list', () => {
    const rates = valuesOf('rate') as number[];
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.001);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1);
    expect(rates.filter((rate) => rate < 0.01).length / 400).toBeCloseTo(1 / 3, 1);
    const narrow = { n: { linear: [0.9991, 0.9996] as [number, number] } };
    expect(draw(narrow, ['n'], 5, 1)).toEqual(['n=0.9996']);
    const weights = valuesOf('weight') as number[];
    expect(weights.filter((weight) => weight < 0).length / 400).toBeCloseTo(1 / 2, 1);
    expect([...new Set(valuesOf('size'))].sort()).toEqual([2, 3, 4]);
    expect(new Set(valuesOf('kind').map((value) => JSON.stringify(value)))).toEqual(
      new Set(['"a"', 'null', '{"use":"b"}']),
    );
  });
});

describe('readSpace', () => {
  it('reads lists and ranges', async () => {
    using folder = new Folder({ 's.yaml': 'a.b: [1, 2]\nc: { log: [1e-4, 0.1] }\nd: { integer: [1, 9] }\n' });
    expect(await readSpace('s.yaml', folder.path)).toEqual({
      'a.b': [1, 2],
      c: { log: [1e-4, 0.1] },
      d: { integer: [1, 9] },
    });
  });

  it.each([
    ['a: 3', 'a: expected a list or a range, got 3'],
    ['a: []', 'a: the list is empty'],
    ['a: {}', 'a: the range is empty'],
    ['a: { log: [0, 1] }', 'a: log needs a low end above 0, got 0'],
    ['a: { linear: [1, 1] }', 'a: linear needs its low end below its high one, got \\[1,1\\]'],
    ['a: { log: [2, 1] }', 'a: log needs its low end below its high one'],
    ['a: { linear: [1] }', 'a: linear needs two numbers, \\[low, high\\], got \\[1\\]'],
    ['a: { linear: ["0", 1] }', 'a: linear needs two numbers'],
    ['a: { linear: [0, .inf] }', 'a: linear needs two numbers'],
    ['a: { integer: [1, 2.5] }', 'a: integer needs whole numbers, got \\[1,2.5\\]'],
    ['a: { normal: [0, 1] }', 'a: there is no range "normal"; there are log, linear, integer'],
    ['a: { log: [1, 2], linear: [1, 2] }', 'a: expected one range, got log and linear'],
    ['b: [1]\na: 3\nc: []', 'a: expected a list[^]*\nc: the list is empty'],
    ['- a', 'expected keys'],
    ['', 'expected keys'],
    ['{}', 'there is nothing to search'],
    ['a: [', '.*at line 1'],
  ])('refuses %j, naming file and key', async (text, message) => {
    using folder = new Folder({ 's.yaml': text });
    await expect(readSpace('s.yaml', folder.path)).rejects.toThrow(new RegExp(`^s\\.yaml: ${message}`));
  });

  it('refuses a file that is not there, or is a folder', async () => {
    using folder = new Folder({ 'inner/s.yaml': '' });
    await expect(readSpace('nope.yaml', folder.path)).rejects.toThrow(/^--search: there is no file nope\.yaml$/);
    await expect(readSpace('inner', folder.path)).rejects.toThrow(
      /^--search: inner is a folder, expected a YAML file$/,
    );
  });
});
