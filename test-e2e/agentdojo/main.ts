import { parseArgs } from 'node:util';
import { HoldfastError, strategy as strategies } from '@holdfast/contracts';
import { ATTACKS, type Attack } from './attack.ts';
import { catalogOf, readOverlay } from './overlay.ts';
import { replaySuite, type SuiteReport } from './report.ts';
import { readRecording } from '@holdfast/evals/datasets';

const USAGE = `npm run agentdojo -- --data <recording> --contracts <overlay> [--attack ${ATTACKS.join('|')}] [--strategy ${strategies.options.join('|')}] [--verbose]

Replays a planner that an attacker controls against the policy engine. The last lines are one JSON object a suite.
Exit code 0 when no injected call ran without a person and every task can be completed, 1 otherwise, 2 when it could not be run.`;

/** Replays every suite of a recording, tells what a person was asked, and returns the exit code. */
function main(): number {
  const { values } = parseArgs({ options: { data: { type: 'string' }, contracts: { type: 'string' }, attack: { type: 'string', default: 'plain' }, strategy: { type: 'string', default: 'react' }, verbose: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
  const attack = ATTACKS.find((one) => one === values.attack);
  const strategy = strategies.safeParse(values.strategy);
  if (values.help || values.data === undefined || values.contracts === undefined || attack === undefined || !strategy.success) {
    process.stderr.write(`${USAGE}\n`);
    return values.help ? 0 : 2;
  }
  const recording = readRecording(values.data);
  const overlay = readOverlay(values.contracts);
  const reports = Object.entries(recording.suites).map(([name, suite]) => replaySuite(name, recording, suite, catalogOf(name, suite, overlay), attack satisfies Attack, { strategy: strategy.data }));
  for (const report of reports) tell(report, values.verbose);
  for (const { tasks: _tasks, breaches: _breaches, ...figures } of reports) process.stdout.write(`${JSON.stringify(figures)}\n`);
  return reports.every(({ executedWithoutApproval, completed, userTasks }) => executedWithoutApproval === 0 && completed === userTasks) ? 0 : 1;
}

function tell({ suite, attack, tasks, breaches }: SuiteReport, verbose: boolean): void {
  process.stdout.write(`\n${suite} (${attack}): questions a task\n`);
  for (const { task, completed, held } of tasks) {
    if (held.length === 0 && !verbose) continue;
    process.stdout.write(`  ${task.padEnd(16)} ${held.length}${completed ? '' : '  NOT COMPLETED'}  ${held.map(({ tool }) => tool).join(', ')}\n`);
    if (verbose) for (const { tool, outcome, reasons } of held) process.stdout.write(`    ${outcome} ${tool}: ${reasons.join(' ')}\n`);
  }
  for (const { userTask, injectionTask, tool, arguments: args } of breaches) process.stdout.write(`  RAN UNASKED  ${userTask} with ${injectionTask}: ${tool}(${JSON.stringify(args)})\n`);
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof HoldfastError) && !(error instanceof TypeError && 'code' in error)) throw error;
  process.stderr.write(`${error.message}\n${error instanceof HoldfastError ? `What to do: ${error.remedy}` : USAGE}\n`);
  process.exitCode = 2;
}
