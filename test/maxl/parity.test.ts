import { describe, expect, it } from '@jest/globals';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { replay } from '../../plugins/maxl/parity/replay.js';
import { readTrace } from '../../plugins/maxl/parity/trace.js';

const traces = ['a', 'b'].map((letter) => `test/fixtures/maxl-reference-${letter}.json`);

describe('parity with the published reference', () => {
  it.each(traces)('%s: every quantity agrees', async (file) => {
    const report = await replay(await readTrace(file), builtIn, defaults);
    console.log(report);
    expect(report.passed).toBe(true);
  });
});
