import { join, resolve } from 'node:path';
import { freePort, superviseProcess, type RunDirectory, type SupervisedProcess } from '@holdfast/deploy';
import { HoldfastError } from '@holdfast/contracts';
import type { World } from '../suites/suite.js';

export interface RunningWorld {
  /** The variable by which tools and evals find the world, with its address; empty when the suite names the address. */
  readonly environment: Readonly<Record<string, string>>;
  readonly process: SupervisedProcess | undefined;
}

/** Starts the suite's world on a free port and waits until it answers; paths in its command are below the suite's folder. */
export async function startWorld(world: World | undefined, suiteFolder: string, directory: RunDirectory): Promise<RunningWorld> {
  if (world?.command === undefined) return { environment: inherited(world), process: undefined };
  const port = await freePort();
  const folder = await directory.folder('world');
  const fill = (text: string): string => text.replaceAll('{port}', String(port)).replaceAll('{directory}', folder);
  const [program = '', ...args] = world.command.map(fill);
  const url = `http://127.0.0.1:${port}`;
  const running = superviseProcess({
    name: 'world',
    // The Node that runs us, whatever is first on the search path.
    command: program === 'node' ? process.execPath : program,
    args,
    cwd: resolve(suiteFolder),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...Object.fromEntries(Object.entries(world.environment).map(([name, value]) => [name, fill(value)])) },
    logFile: join(directory.path, 'logs', 'world.log'),
    ready: async () => (await fetch(`${url}${world.ready}`, { signal: AbortSignal.timeout(2_000) })).ok,
  });
  await running.start();
  if (/^https?:/.test(world.url)) {
    await running.stop();
    throw new HoldfastError({ code: 'suite.invalid', message: 'world.url is a fixed address, and world.command starts the world on a free port.', retryable: false, remedy: 'Name a variable that ends in _URL instead.' });
  }
  return { environment: { [world.url]: url }, process: running };
}

function inherited(world: World | undefined): Readonly<Record<string, string>> {
  const value = world === undefined ? undefined : process.env[world.url];
  return world === undefined || value === undefined ? {} : { [world.url]: value };
}
