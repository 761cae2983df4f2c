/**
 * Ends jest's output with what was skipped, by name, and how much that is, where anything was; then with one line for people
 * and machines: `12 passed, 0 failed`.
 */
export default class {
  onRunComplete(/** @type {unknown} */ _, /** @type {import('@jest/reporters').AggregatedResult} */ results) {
    const lines = countLines(results);
    // After jest's own summary, which comes last among the reporters.
    process.once('exit', () => process.stdout.write(lines.map((line) => `${line}\n`).join('')));
  }
}

/**
 * @param {import('@jest/reporters').AggregatedResult} results
 * @returns {string[]} the lines, the count last
 */
export function countLines({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults }) {
  const skipped = testResults
    .flatMap((suite) => suite.testResults)
    .filter(({ status }) => status === 'pending' || status === 'todo')
    .map(({ fullName }) => `skipped: ${fullName}`);
  return [
    ...skipped,
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
    `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`,
  ];
}
