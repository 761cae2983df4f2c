import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { formats } from './formats/index.mjs';
import { inputOf, outcomeOf, writeInput } from './one-input.mjs';
import { readersFrom } from './readers.mjs';
import { summary, table } from './table.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'auxflow-fuzz-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const folder = join(scratch, 'input');
const readers = await readersFrom((module) => import(`../../${module}.js`));

describe('hostile input', () => {
  it.each(formats.map((format) => [format.name, format] as const))(
    '%s: is accepted or refused with an error of ours',
    async (_, format) => {
      const faults: string[] = [];
      const outcomes = { accepted: 0, refused: 0 };
      // Traces and pipelines take longest.
      const count = format.share < 10 ? 100 : 300;
      for (let index = 0; index < count; index++) {
        const input = inputOf(format, 1, index);
        writeInput(input, folder);
        const { fault, refused } = await outcomeOf(format, readers, input, folder);
        outcomes[refused === undefined ? 'accepted' : 'refused'] += 1;
        if (fault !== undefined) faults.push(`${format.name} --seed 1 --at ${index}: ${fault}`);
      }
      expect(faults).toEqual([]);
      // Generators that only make rubbish would test nothing but the first check.
      expect(outcomes.accepted).toBeGreaterThan(0);
      expect(outcomes.refused).toBeGreaterThan(count / 10);
    },
    240_000,
  );
});

describe('the harness', () => {
  const format = (read: () => void) => ({ ...formats[0]!, read: async () => read() });
  const input = { files: { file: 'x' } };

  it('makes the same input of the same numbers', () => {
    for (const each of formats) expect(inputOf(each, 3, 14)).toEqual(inputOf(each, 3, 14));
    expect(inputOf(formats[0]!, 3, 14)).not.toEqual(inputOf(formats[0]!, 3, 15));
  });

  it('calls other errors faults, and what changes all objects, and messages nobody reads', async () => {
    const { DataError } = await import('../../core/errors/index.js');
    const outcome = (read: () => void) => outcomeOf(format(read), readers, input, folder);
    expect(await outcome(() => {})).toEqual({});
    expect(
      await outcome(() => {
        throw new DataError('data/x', 'short');
      }),
    ).toEqual({ refused: 'data/x' });
    expect(
      await outcome(() => {
        throw new DataError('data/x', 'long'.repeat(1e4));
      }),
    ).toEqual({ fault: 'data/x: a message of 40000 characters' });
    expect(
      await outcome(() => {
        throw new RangeError('too deep');
      }),
    ).toMatchObject({ fault: expect.stringContaining('RangeError: too deep') });
    const polluted = outcome(() => void Object.assign(Object.prototype, { polluted: 1 }));
    expect(await polluted.finally(() => Reflect.deleteProperty(Object.prototype, 'polluted'))).toEqual({
      fault: 'Object.prototype was changed',
    });
  });

  it('adds up what became of the inputs', () => {
    const result = { ms: 2, grownBytes: 2 ** 20, inputBytes: 1 };
    const row = summary('idx', [
      { ...result, index: 0 },
      { ...result, index: 1, refused: 'data/b', ms: 7 },
      { ...result, index: 2, refused: 'data/a' },
      { ...result, index: 3, refused: 'data/a' },
      { ...result, index: 4, fault: 'no' },
    ]);
    expect(row).toEqual({
      format: 'idx',
      inputs: 5,
      accepted: 1,
      refused: { 'data/a': 2, 'data/b': 1 },
      faults: 1,
      worstMs: 7,
      worstMegabytes: 1,
    });
    expect(table([row]).split('\n')[2]).toBe('| idx | 5 | 1 | 3 | 1 | 7 | 1 | data/a 2, data/b 1 |');
  });
});
