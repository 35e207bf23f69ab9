#!/usr/bin/env node
/** The program as npm links it: on the Node that the dependencies brought, where the machine's own is older. */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isNewEnough, nodeFor } from '../../../deploy/bootstrap/platform.mjs';
import { Problem, exitCodeOf } from '../../../deploy/bootstrap/problem.mjs';
import { spawnGuarded } from '../../../deploy/bootstrap/watchdog.mjs';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

try {
  if (!existsSync(program)) throw new Problem('The command line is not built yet.', 'Run "npm run build" in the checkout of Holdfast, or start it as "npm run holdfast --".');
  if (isNewEnough(process.versions.node)) await import(pathToFileURL(program).href);
  else start(nodeFor());
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`${error.message}\nWhat to do: ${error.remedy}\n`);
  process.exitCode = 2;
}

function start(node) {
  const child = spawnGuarded(node, [program, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit'] });
  // It is in a process group of its own, so a terminal's Ctrl-C reaches it through us, once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => process.exit(signal === null ? code : exitCodeOf(signal)));
}
