import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LabelUse } from '../../core/events/index.js';
import { resultTable } from '../../core/observers/index.js';
import { summary } from './recorded.js';

const uniform = (primaryClass: string, size: number): LabelUse => ({
  primaryClass,
  samples: 100,
  shares: Array<number>(size).fill(1 / size),
  effectiveClasses: size,
  sampleEntropy: 1,
  sharpness: 0,
});
const bare = { ...summary, labelUse: undefined, gradientCosine: undefined };

describe('resultTable', () => {
  it('compares runs and draws how they use their labels', () => {
    const single = { ...bare, name: 'mnist-parity-single-task', strategy: 'single-task', parameters: 52_342 };
    const odd = { ...uniform('odd', 5), shares: [1, 0, 0, 0, 0], effectiveClasses: 1, sampleEntropy: 0 };
    const maxl = { ...summary, labelUse: [...summary.labelUse!, odd] };
    expect(resultTable([single, maxl], { color: false })).toBe(
      [
        'run                     strategy     test accuracy   loss  cosine   params  time',
        'mnist-parity-single-t…  single-task          96.7%  0.101       -   52,342  24 s',
        'mnist-parity            maxl                 96.7%  0.101    0.13  104,684  24 s',
        '',
        'auxiliary labels of mnist-parity',
        'even  ▇▆▄▂▂  effective 4.1 of 5  [0.38 0.30 0.20 0.06 0.06]',
        'odd   ▇▁▁▁▁  effective 1.0 of 5  [1.00 0.00 0.00 0.00 0.00]',
        '',
      ].join('\n'),
    );
  });

  it('shows ten of a hundred primary classes', () => {
    const labelUse = Array.from({ length: 100 }, (_, index) => uniform(`class ${index}`, 5));
    const lines = resultTable([{ ...summary, labelUse }], { color: false })
      .trimEnd()
      .split('\n');
    expect(lines.slice(-2)).toEqual(['class 9  ▇▇▇▇▇  effective 5.0 of 5  [0.20 0.20 0.20 0.20 0.20]', 'and 90 more']);
    expect(lines).toHaveLength(2 + 2 + 10 + 1);
  });

  it('stays within 80 columns, whatever the hierarchy', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ maxLength: 40 }), fc.integer({ min: 1, max: 60 })), { minLength: 1 }),
        (psi) => {
          const labelUse = psi.map(([name, size]) => uniform(name, size));
          const [, , , , ...rows] = resultTable([{ ...summary, labelUse }], { color: false })
            .trimEnd()
            .split('\n');
          for (const row of rows) expect(row.length).toBeLessThanOrEqual(80);
        },
      ),
    );
  });

  it('is one line and its header for a run without auxiliary labels', () => {
    expect(resultTable([bare], { color: false }).trimEnd().split('\n')).toHaveLength(2);
  });

  it('has no colour unless asked', () => {
    const escape = String.fromCharCode(27);
    expect(resultTable([summary], { color: false })).not.toContain(escape);
    expect(resultTable([summary], { color: true })).toContain(`${escape}[1m        96.7%${escape}[22m`);
  });
});
