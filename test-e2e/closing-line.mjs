/** Prints the closing line that continuous integration reads: `N passed, N failed`, alone on its line. */
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const failedSuites = results.numRuntimeErrorTestSuites;
    process.stderr.write('');
    this.line = `${results.numPassedTests} passed, ${results.numFailedTests + failedSuites} failed`;
    process.once('exit', () => process.stdout.write(`${this.line}\n`));
  }
}
