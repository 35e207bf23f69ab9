import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Bus } from '@holdfast/bus';
import type { RecordedCommit } from '@holdfast/contracts';
import { sourceProgram, startTestBroker, type TestBroker } from '@holdfast/testing';
import { JetStreamEventLog, type VerificationReport } from '../index.js';

const PARTITIONS = 2;
const run = promisify(execFile);
let broker: TestBroker;
let bus: Bus;

beforeAll(async () => {
  broker = await startTestBroker({ partitions: PARTITIONS });
  bus = await Bus.connect({ url: broker.url, role: 'orchestrator', seed: broker.seedOf('orchestrator'), name: 'contract-verify' });
  const log = new JetStreamEventLog(bus, PARTITIONS, undefined, { payloadBytes: 2_000 });
  for (const runId of ['a', 'b', 'c', 'd']) {
    let head: RecordedCommit | undefined;
    for (let number = 1; number <= 100; number += 1) {
      const result = await log.append({ tenant: 'acme', runId }, { at: number, cause: { kind: 'test', id: `${number}` }, route: 'wait', events: [{ type: 'run-paused', by: 'ada', reason: 'x'.repeat(number === 50 ? 3_000 : 10) }], ...(number % 64 === 0 ? { checkpoint: { number } } : {}) }, head);
      if (result.status === 'appended') head = result.recorded;
    }
  }
});

afterAll(async () => {
  await bus.close();
  await broker.stop();
});

async function verify(environment: Record<string, string> = {}, ...args: readonly string[]): Promise<{ readonly code: number; readonly report: VerificationReport | undefined; readonly error: string }> {
  const env = { PATH: process.env['PATH'], NATS_URL: broker.url, HOLDFAST_PARTITIONS: `${PARTITIONS}`, HOLDFAST_NATS_SEED: broker.seedOf('evals'), ...environment };
  const { code, stdout, stderr } = await run(process.execPath, [...sourceProgram(new URL('./program.ts', import.meta.url)), ...args], { env }).then(
    (done) => ({ code: 0, ...done }),
    (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => error,
  );
  return { code, report: stdout === '' ? undefined : (JSON.parse(stdout) as VerificationReport), error: stderr };
}

describe('the program that checks the log', () => {
  it('says that a sound log holds, and ends with code 0', async () => {
    expect(await verify()).toMatchObject({ code: 0, report: { holds: true, commits: 400, findings: [], partitions: [{ partition: 0 }, { partition: 1 }] } });
    expect(await verify({ HOLDFAST_NATS_ROLE: 'gateway', HOLDFAST_NATS_SEED: broker.seedOf('gateway') }, 'acme/b')).toMatchObject({ code: 0, report: { holds: true, commits: 100 } });
  });

  it('ends with code 2 when it cannot check', async () => {
    expect(await verify({}, 'no run')).toMatchObject({ code: 2, report: undefined, error: expect.stringContaining('settings.invalid') });
    expect(await verify({ HOLDFAST_NATS_ROLE: 'nobody' })).toMatchObject({ code: 2, error: expect.stringContaining('HOLDFAST_NATS_ROLE') });
  });

  it('names what does not hold, and ends with code 1', async () => {
    await bus.publish('log.0.acme.forged.wait', '{"format":1,"nonsense":true}');
    const { code, report } = await verify();
    expect({ code, report }).toMatchObject({ code: 1, report: { holds: false, commits: 401, findings: [{ partition: 0, run: 'acme/forged', problem: expect.any(String) }] } });
  });
});
