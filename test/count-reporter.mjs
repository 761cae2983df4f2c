/** Ends jest's output with one line for people and machines: `12 passed, 0 failed`. */
export default class {
  onRunComplete(/** @type {unknown} */ _, /** @type {import('@jest/reporters').AggregatedResult} */ results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`;
    // After jest's own summary, which comes last among the reporters.
    process.once('exit', () => process.stdout.write(line));
  }
}
