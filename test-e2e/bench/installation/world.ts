import { join } from 'node:path';
import { REPOSITORY, createRunDirectory, freePort, superviseProcess } from '@holdfast/deploy';
import type { BenchmarkContext } from '../suite/benchmark.ts';

/** Between an effect and its answer, in milliseconds: kills are meant to fall between the two. */
const ANSWER_MS = 20;

export interface OperationCounts {
  /** Operations that the world was asked for. */
  readonly operations: number;
  /** Of them, those that it was asked for more than once. */
  readonly repeated: number;
  /** Of them, those that happened more than once. */
  readonly doubled: number;
}

/** Counts by somebody else. `pay` honours keys; `book` knows none and can be asked. */
export interface WorldAudit {
  readonly pay: OperationCounts;
  readonly book: OperationCounts;
}

export interface World {
  readonly url: string;
  audit(): Promise<WorldAudit>;
}

/** The outside world as a process of its own, stopped when the benchmark ends. */
export async function startWorld(context: BenchmarkContext): Promise<World> {
  const directory = await createRunDirectory();
  context.defer(() => directory.remove());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const supervised = superviseProcess({
    name: 'world', command: process.execPath, args: [join(REPOSITORY, 'test-e2e', 'bench', 'application', 'world.ts')], logFile: join(directory.path, 'logs', 'world.log'),
    env: { PATH: process.env['PATH'], PORT: String(port), ANSWER_MS: String(ANSWER_MS) }, ready: async () => (await fetch(`${url}/audit`)).ok,
  });
  await supervised.start();
  context.defer(() => supervised.stop());
  return { url, audit: async () => (await (await fetch(`${url}/audit`)).json()) as WorldAudit };
}
