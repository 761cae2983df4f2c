import { describe, expect, it } from '@jest/globals';
import { scalars } from '../../plugins/trackers/scalars.js';
import { type end, epoch, record, start, summary, wholeRun } from '../observers/recorded.js';
import type { RunEventBody } from '../../core/events/index.js';

const told = (every: number, events = wholeRun) => events.flatMap(scalars(every));
const tagged = (tag: string, all = told(1)) =>
  all.filter((one) => one.tag === tag).map(({ step, value }) => [step, value]);

describe('scalars', () => {
  it('has every number of an epoch', () => {
    const ofFirst = told(0).filter(({ tag, step }) => tag.startsWith('epoch/') && step === 1);
    expect(Object.fromEntries(ofFirst.map(({ tag, value }) => [tag, value]))).toEqual({
      'epoch/primaryLoss': 0.4124,
      'epoch/primaryAccuracy': 0.8812,
      'epoch/auxiliaryLoss': 1.2031,
      'epoch/gradientCosine': 0.1342,
      'epoch/learningRate': 0.3,
      'epoch/validationLoss': 0.25,
      'epoch/validationAccuracy': 0.902,
    });
  });

  it('counts the steps of a pass through all epochs, those of theta2 apart', () => {
    expect(tagged('step/train/primaryLoss')).toEqual([
      [1, 0.5],
      [2, 0.3],
      [3, 0.5],
      [4, 0.3],
    ]);
    expect(tagged('meta-step/meta/primaryLossAfter').map(([step]) => step)).toEqual([1, 2, 3, 4]);
    expect(told(1).map(({ tag }) => tag)).not.toContain('step/train/durationMs');
  });

  it('has the first step and every n-th after it', () => {
    expect(tagged('step/train/primaryLoss', told(3)).map(([step]) => step)).toEqual([1, 4]);
    expect(told(0).filter(({ tag }) => tag.includes('step'))).toEqual([]);
  });

  it('keeps the test of selected weights out of the curve of tests', () => {
    const test = (number: number, primaryAccuracy: number): [number, RunEventBody] => [
      0,
      { type: 'evaluate:end', epoch: number, ...summary.test, primaryAccuracy, durationMs: 1 },
    ];
    const { test: score } = summary;
    const selected = { epoch: 1, validation: score, test: { ...score, primaryAccuracy: 0.75 } };
    const last: typeof end = [
      0,
      {
        type: 'run:end',
        summary: { ...summary, selected, lastEpochs: { epochs: 2, meanAccuracy: 0.5 } },
        durationMs: 1,
      },
    ];
    const all = told(0, record([start, ...epoch(1), ...epoch(2), test(2, 0.5), test(1, 0.75), last]));
    expect(tagged('test/primaryAccuracy', all)).toEqual([[2, 0.5]]);
    expect(tagged('selected/primaryAccuracy', all)).toEqual([[1, 0.75]]);
    expect(tagged('test/lastEpochsAccuracy', all)).toEqual([[2, 0.5]]);
  });
});
