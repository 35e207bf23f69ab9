/**
 * The one start for a fresh clone: `node deploy/bootstrap.mjs demo|test|eval|reliability|bench|chaos|matrix|agentdojo|sim [arguments]`. It runs on the Node
 * that is there, with nothing installed, and takes care of the rest: dependencies, Node 24, build. Whatever starts at the same
 * time waits where it must.
 */
import { join } from 'node:path';
import { build } from './bootstrap/build.mjs';
import { Interrupted, Problem } from './bootstrap/problem.mjs';
import { installDependencies } from './bootstrap/dependencies.mjs';
import { nodeFor, requirePlatform } from './bootstrap/platform.mjs';
import { ROOT } from './bootstrap/root.mjs';
import { listenForSignals, runTarget } from './bootstrap/steps.mjs';

const MODULES = join(ROOT, 'node_modules');

/** What Node 24 is started with for each target. */
const TARGETS = {
  demo: [join(ROOT, 'examples/accounts-payable/dist/demo.js')],
  eval: [join(ROOT, 'apps/evals/dist/run-suite.js')],
  reliability: [join(ROOT, 'apps/evals/dist/run-suite.js'), join(ROOT, 'examples/accounts-payable/evals/reliability.yaml'), '--faults', 'all'],
  // Node strips the types itself.
  bench: [join(ROOT, 'test-e2e/bench/main.ts')],
  chaos: ['--disable-warning=ExperimentalWarning', join(ROOT, 'test-e2e/faults/chaos.ts')],
  matrix: ['--disable-warning=ExperimentalWarning', join(ROOT, 'test-e2e/effects/main.ts')],
  agentdojo: ['--disable-warning=ExperimentalWarning', join(ROOT, 'test-e2e/agentdojo/main.ts')],
  sim: [join(ROOT, 'test-e2e/simulation/main.ts')],
  verify: [join(ROOT, 'libs/event-log/dist/verification/program.js')],
  prompt: [join(ROOT, 'apps/planner/dist/prompts/program.js')],
  doctor: [join(ROOT, 'deploy/dist/stack/doctor.js')],
  holdfast: [join(ROOT, 'apps/cli/dist/main.js')],
  // One run of all suites, so that its summary is the summary: the fast ones first.
  test: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(MODULES, 'jest/bin/jest.js'), '--testSequencer', join(ROOT, 'deploy/bootstrap/suite-order.mjs')],
};

async function main([target, ...args]) {
  const start = Object.hasOwn(TARGETS, target ?? '') ? TARGETS[target] : undefined;
  if (start === undefined) throw new Problem(`There is no target ${JSON.stringify(target ?? '')}.`, `Use one of: ${Object.keys(TARGETS).join(', ')}.`);
  requirePlatform();
  listenForSignals();
  await installDependencies();
  const node = nodeFor();
  await build(node);
  process.exitCode = await runTarget(node, [...start, ...args]);
}

main(process.argv.slice(2)).catch((error) => {
  if (error instanceof Interrupted) {
    process.exitCode = error.exitCode;
  } else {
    process.stderr.write(error instanceof Problem ? `\n${error.message}\nWhat to do: ${error.remedy}\n` : `\n${error.stack}\n`);
    process.exitCode = 1;
  }
});
