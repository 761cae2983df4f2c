import { describe, expect, it } from '@jest/globals';
import { parseVariant } from '../../core/compare/index.js';

describe('parseVariant', () => {
  it.each([
    ['sharp: auxiliary.temperature=0.1', 'sharp', ['auxiliary.temperature=0.1']],
    ['two words:  a.b=1   c-d.0=x ', 'two words', ['a.b=1', 'c-d.0=x']],
    ['map: model={ use: mlp, hidden: [8, 8] } epochs=2', 'map', ['model={ use: mlp, hidden: [8, 8] }', 'epochs=2']],
    ['colon: name=a:b runs=c', 'colon', ['name=a:b', 'runs=c']],
  ])('reads %j', (text, label, set) => {
    expect(parseVariant(text)).toEqual({ label, set });
  });

  it.each(['', 'sharp', 'sharp:', 'sharp: ', ': a=1', 'a=1', 'sharp: temperature', 'sharp: =1'])(
    'refuses %j and shows how it is written',
    (text) => {
      expect(() => parseVariant(text)).toThrow(/^--variant ".*": expected "label: key=value key=value"\n.*Such as/);
    },
  );
});
