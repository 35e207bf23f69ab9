import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { createRunDirectory } from '@holdfast/deploy';
import { readArguments, type CommandArguments } from './command/arguments.js';
import { askSuite } from './command/ask-suite.js';
import { Progress } from './command/progress.js';
import { baselineSuite, matrixSuite, repeatCommand } from './command/run-matrix.js';
import { startInstallation, type Installation } from './command/start-installation.js';
import { surfaceOf } from './faults/surface.js';
import { compareReports, isWorse, renderComparison } from './reporting/comparison.js';
import { renderHtml } from './reporting/html.js';
import { renderJUnit } from './reporting/junit.js';
import { readReport, reportOf, type CaseResult, type SuiteReport } from './reporting/report.js';
import { renderSurface } from './reporting/surface-table.js';
import { renderLastLine, renderTable } from './reporting/table.js';
import { suiteDigest } from './suites/execution.js';
import { loadSuite } from './suites/load-suite.js';
import type { Suite } from './suites/suite.js';

/** All cases passed, and no fewer than in the baseline; a case failed, or more did than chance explains; the suite could not be run. */
const EXIT = { passed: 0, failed: 1, notRun: 2 } as const;
const EXIT_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const interruption = new AbortController();
let interrupted: keyof typeof EXIT_OF_SIGNAL | undefined;

function listenForSignals(): void {
  for (const signal of Object.keys(EXIT_OF_SIGNAL) as (keyof typeof EXIT_OF_SIGNAL)[]) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait; what we started dies with us.
      if (interrupted !== undefined) process.exit(EXIT_OF_SIGNAL[signal]);
      interrupted = signal;
      tell('interrupted; stopping everything');
      interruption.abort();
    });
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Starts everything for one suite, runs it, and stops everything again, whatever happens in between. */
async function runSuite(given: CommandArguments): Promise<SuiteReport> {
  const loaded = await loadSuite(given.suite);
  const first = given.matrix === undefined ? loaded : baselineSuite(loaded);
  const { signal } = interruption;
  const directory = await createRunDirectory();
  const started: { stop(): Promise<unknown> }[] = [];
  try {
    const installation = await startInstallation(first, given.suite, directory, (thing) => {
      started.push(thing);
      signal.throwIfAborted();
    }, tell);
    if (given.matrix === undefined) return await runCases(installation, loaded, given);
    tell(`running ${first.cases.length} cases without faults`);
    const baseline = await askSuite(installation, first, [], async (result) => tell(lineOf(result)), signal);
    return await runCases(installation, matrixSuite(first, baseline, given.matrix), given);
  } finally {
    for (const thing of started.reverse()) await thing.stop().catch((error: unknown) => tell(`stopping: ${String(error)}`));
    // The logs are what a failure is understood by.
    if (process.env['HOLDFAST_KEEP_LOGS'] === undefined) await directory.remove();
    else tell(`logs: ${join(directory.path, 'logs')}`);
  }
}

async function runCases(installation: Installation, suite: Suite, { report: folder, resume, matrix, suite: path }: CommandArguments): Promise<SuiteReport> {
  const progress = folder === undefined ? undefined : await Progress.open(folder, { suite: suite.name, digest: suiteDigest(suite) }, resume);
  const before = progress?.done ?? [];
  const total = suite.cases.length * suite.repeats;
  let done = before.length;
  tell(`running ${total} cases of "${suite.name}"${done === 0 ? '' : `, ${done} of them done before`}`);
  const report = await askSuite(installation, suite, before.map(({ name, repeat }) => ({ name, repeat })), async (result) => {
    done += 1;
    tell(`${total > 20 ? `${String(done).padStart(String(total).length)}/${total}` : ''}${lineOf(result)}`);
    if (matrix !== undefined && !result.passed) tell(`          alone: ${repeatCommand(path, matrix, result.name)}`);
    await progress?.add(result);
  }, interruption.signal);
  const whole = reportOf(report, [...before, ...report.cases]);
  if (folder !== undefined) await writeReports(whole, folder);
  await progress?.finish();
  return whole;
}

function lineOf({ passed, name, held }: CaseResult): string {
  return `  ${passed ? 'passed' : 'FAILED'}  ${name}${held === undefined ? '' : `  (waits for a person: ${held})`}`;
}

async function writeReports(report: SuiteReport, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(folder, 'junit.xml'), renderJUnit(report));
  await writeFile(join(folder, 'report.html'), renderHtml(report));
}

async function main(): Promise<number> {
  listenForSignals();
  try {
    const given = readArguments(process.argv.slice(2));
    const earlier = given.baseline === undefined ? undefined : await readReport(given.baseline);
    const report = await runSuite(given);
    const comparison = earlier === undefined ? undefined : compareReports(earlier, report);
    const shown = given.matrix === undefined ? renderTable(report) : renderSurface(surfaceOf(report.cases));
    process.stdout.write(`\n${shown}\n${comparison === undefined ? '' : `\n${renderComparison(comparison)}\n`}\n${renderLastLine(report)}\n`);
    return report.passed && (comparison === undefined || !isWorse(comparison)) ? EXIT.passed : EXIT.failed;
  } catch (error) {
    if (interrupted !== undefined) return EXIT_OF_SIGNAL[interrupted];
    tell(error instanceof HoldfastError ? `\n${error.message}\nWhat to do: ${error.remedy} (${error.code})` : `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return EXIT.notRun;
  }
}

// Nothing is left that could do more work, and a broken connection that lingers must not keep us.
process.exit(await main());
