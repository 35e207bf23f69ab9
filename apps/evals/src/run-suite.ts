import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { createRunDirectory } from '@holdfast/deploy';
import { readArguments, type CommandArguments } from './command/arguments.js';
import { askSuite } from './command/ask-suite.js';
import { Progress } from './command/progress.js';
import { startInstallation } from './command/start-installation.js';
import { renderJUnit } from './reporting/junit.js';
import { reportOf, type SuiteReport } from './reporting/report.js';
import { renderLastLine, renderTable } from './reporting/table.js';
import { suiteDigest } from './suites/execution.js';
import { loadSuite } from './suites/load-suite.js';

/** All cases passed; a case failed; the suite could not be run. */
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
async function runSuite({ suite: path, report: folder, resume }: CommandArguments): Promise<SuiteReport> {
  const suite = await loadSuite(path);
  const { signal } = interruption;
  const progress = folder === undefined ? undefined : await Progress.open(folder, { suite: suite.name, digest: suiteDigest(suite) }, resume);
  const before = progress?.done ?? [];
  const directory = await createRunDirectory();
  const started: { stop(): Promise<unknown> }[] = [];
  try {
    const installation = await startInstallation(suite, path, directory, (thing) => {
      started.push(thing);
      signal.throwIfAborted();
    }, tell);
    tell(`running ${suite.cases.length * suite.repeats} cases of "${suite.name}"${before.length === 0 ? '' : `, ${before.length} of them done before`}`);
    const report = await askSuite(installation, suite, before.map(({ name, repeat }) => ({ name, repeat })), async (result) => {
      tell(`  ${result.passed ? 'passed' : 'FAILED'}  ${result.name}`);
      await progress?.add(result);
    }, signal);
    const whole = reportOf(report, [...before, ...report.cases]);
    if (folder !== undefined) await writeReports(whole, folder);
    await progress?.finish();
    return whole;
  } finally {
    for (const thing of started.reverse()) await thing.stop().catch((error: unknown) => tell(`stopping: ${String(error)}`));
    // The logs are what a failure is understood by.
    if (process.env['HOLDFAST_KEEP_LOGS'] === undefined) await directory.remove();
    else tell(`logs: ${join(directory.path, 'logs')}`);
  }
}

async function writeReports(report: SuiteReport, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(folder, 'junit.xml'), renderJUnit(report));
}

async function main(): Promise<number> {
  listenForSignals();
  try {
    const report = await runSuite(readArguments(process.argv.slice(2)));
    process.stdout.write(`\n${renderTable(report)}\n\n${renderLastLine(report)}\n`);
    return report.passed ? EXIT.passed : EXIT.failed;
  } catch (error) {
    if (interrupted !== undefined) return EXIT_OF_SIGNAL[interrupted];
    tell(error instanceof HoldfastError ? `\n${error.message}\nWhat to do: ${error.remedy} (${error.code})` : `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return EXIT.notRun;
  }
}

// Nothing is left that could do more work, and a broken connection that lingers must not keep us.
process.exit(await main());
