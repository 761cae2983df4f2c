import { expect, it } from '@jest/globals';
import type { AggregatedResult } from '@jest/reporters';
import { countLines } from './count-reporter.mjs';

/** What jest reports of suites that hold tests of these statuses, by name, and of suites that did not load. */
const results = (suites: readonly Record<string, string>[], broken = 0): AggregatedResult => {
  const testResults = suites.map((tests) => ({
    testResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
  }));
  const number = (wanted: string): number =>
    suites.flatMap((tests) => Object.values(tests)).filter((status) => status === wanted).length;
  return {
    testResults,
    numPassedTests: number('passed'),
    numFailedTests: number('failed'),
    numRuntimeErrorTestSuites: broken,
  } as unknown as AggregatedResult;
};

it('is one line where nothing was skipped', () => {
  expect(countLines(results([{ a: 'passed', b: 'failed' }, { c: 'passed' }]))).toEqual(['2 passed, 1 failed']);
});

it('counts a suite that did not load as a failure', () => {
  expect(countLines(results([{ a: 'passed' }], 2))).toEqual(['1 passed, 2 failed']);
});

it('names what was skipped, and counts it in a line of its own before the last', () => {
  const suites: Record<string, string>[] = [
    { a: 'passed', 'a browser (none here) shows a page': 'pending' },
    { 'one day': 'todo' },
  ];
  expect(countLines(results(suites))).toEqual([
    'skipped: a browser (none here) shows a page',
    'skipped: one day',
    '2 skipped',
    '1 passed, 0 failed',
  ]);
});
