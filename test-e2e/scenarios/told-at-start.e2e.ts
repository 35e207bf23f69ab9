import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { entryPoint, writeCatalog } from '@holdfast/deploy';
import { application } from '@holdfast/example-accounts-payable';
import { startTestBroker, type TestBroker } from '@holdfast/testing';

const PARTITIONS = 2;
let directory: string;
let catalog: string;
let broker: TestBroker;
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-start-'));
  catalog = join(directory, 'catalog.json');
  await writeCatalog(catalog, application.agents, application.tools);
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || !child.kill('SIGKILL')) continue;
    await once(child, 'exit');
  }
  await broker.stop();
});

afterAll(() => rm(directory, { recursive: true, force: true }));

interface Line {
  readonly message?: string;
  readonly durability?: string;
  readonly listening?: number;
}

/** Starts the orchestrator and reads what it logs until a line satisfies the condition, or until it ends. */
async function startUntil(partitions: number, condition: (line: Line) => boolean): Promise<{ readonly lines: readonly Line[]; readonly code: number | null }> {
  const child = spawn(process.execPath, [entryPoint('orchestrator')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], NATS_URL: broker.url, HOLDFAST_NATS_SEED: broker.seedOf('orchestrator'), HOLDFAST_PARTITIONS: `${partitions}`, HOLDFAST_CATALOG: catalog, PORT: '0' },
  });
  children.push(child);
  if (child.stdout === null) throw new Error('no output');
  const exit = once(child, 'exit');
  const lines: Line[] = [];
  for await (const text of createInterface(child.stdout)) {
    lines.push(JSON.parse(text) as Line);
    if (condition(lines.at(-1) ?? {})) return { lines, code: null };
  }
  await exit;
  return { lines, code: child.exitCode };
}

describe('a service that starts', () => {
  it.each(['power', 'process'] as const)('says that the broker really runs with durability %s', async (durability) => {
    broker = await startTestBroker({ partitions: PARTITIONS, durability });
    const { lines } = await startUntil(PARTITIONS, (line) => line.durability !== undefined);
    expect(lines.at(-1)).toMatchObject({ durability });
  });

  it('refuses another number of partitions than the log has, as a mistake in its settings', async () => {
    broker = await startTestBroker({ partitions: PARTITIONS });
    const { lines, code } = await startUntil(PARTITIONS + 1, (line) => line.listening !== undefined);
    expect(code).toBe(78);
    expect(lines.at(-1)?.message).toContain(`Set HOLDFAST_PARTITIONS to ${PARTITIONS}`);
  });
});
