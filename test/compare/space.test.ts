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
    expect(await readSpace(`${folder.path}/s.yaml`)).toEqual({
      'a.b': [1, 2],
      c: { log: [1e-4, 0.1] },
      d: { integer: [1, 9] },
    });
  });

  it.each([
    ['a: 3', 'a: 3 is no list'],
    ['a: []', 'a: \\[\\] is no list'],
    ['a: { log: [0, 1] }', 'a: .* no range'],
    ['a: { linear: [1, 1] }', 'a: .* no range'],
    ['a: { integer: [1, 2.5] }', 'a: .* no range'],
    ['a: { normal: [0, 1] }', 'a: .* no list'],
    ['- a', 'expected keys'],
    ['', 'expected keys'],
    ['{}', 'there is nothing to search'],
    ['a: [', ''],
  ])('refuses %j, naming file and key', async (text, message) => {
    using folder = new Folder({ 's.yaml': text });
    await expect(readSpace(`${folder.path}/s.yaml`)).rejects.toThrow(new RegExp(`s\\.yaml: ${message}`));
  });

  it('refuses a file that is not there', async () => {
    await expect(readSpace('/nowhere/s.yaml')).rejects.toThrow(/s\.yaml: .*no such file/);
  });
});
