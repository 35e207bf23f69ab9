import { afterAll, beforeAll, expect, describe, it } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bus } from '@holdfast/bus';
import { consumersOf } from '@holdfast/contracts';
import { JetStreamEventLog } from '@holdfast/event-log';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { FactInbox } from '../intake/fact-inbox.js';
import { runIdOf } from '../intake/run-id.js';
import { TaskIntake } from '../intake/task-intake.js';
import { PARTITIONS, accepted, append, called, ended, key, returned } from '../runs/run.fixture.js';
import { EventPublisher } from './event-publisher.js';

const source = fileURLToPath(new URL('../../../../examples/event-consumer/', import.meta.url));
const logger = { warn: () => undefined, error: () => undefined };

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The example's team in Go, as a process that knows nothing but NATS, and gateways that are killed beside it. */
describe('a team in another language', () => {
  let broker: TestBroker;
  let folder: string;
  let binary: string;
  let log: JetStreamEventLog;
  const buses: Bus[] = [];
  const teams = new Set<ChildProcess>();

  const open = async (role: 'gateway' | 'orchestrator'): Promise<Bus> => {
    const bus = await Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: 'events-contract' });
    buses.push(bus);
    return bus;
  };
  /** What of a gateway outsiders meet. */
  const startGateway = async (): Promise<Bus> => {
    const bus = await open('gateway');
    new EventPublisher({ bus, log: new JetStreamEventLog(bus, PARTITIONS), logger, clock: () => Date.UTC(2026, 0, 1) }).start();
    const intake = new TaskIntake({ inbox: new FactInbox(bus, PARTITIONS), bus, logger, clock: Date.now });
    const consumer = consumersOf(PARTITIONS, []).find(({ name }) => name === 'gateway');
    if (consumer === undefined) throw new RangeError('gateway');
    bus.work({ consumer, concurrency: 4, handle: (message) => intake.handle(message), onError: () => undefined, onMissing: () => undefined });
    return bus;
  };
  const startTeam = (more: Readonly<Record<string, string>> = {}): ChildProcess => {
    const child = spawn(binary, { env: { NATS_URL: broker.url, HOLDFAST_NATS_SEED: broker.seedOfTeam('erp'), TEAM: 'erp', TENANT: 'acme', EVENTS_FILE: join(folder, 'events'), ...more }, stdio: ['pipe', 'ignore', 'ignore'] });
    teams.add(child);
    child.once('exit', () => teams.delete(child));
    return child;
  };
  const gone = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));
  const read = (): { readonly source: string; readonly id: string; readonly type: string; readonly data: Record<string, unknown> }[] =>
    existsSync(join(folder, 'events')) ? readFileSync(join(folder, 'events'), 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line)) : [];
  const placesOf = (run: string): string[] => read().filter((event) => event.source === `/tenants/acme/runs/${run}`).map(({ id }) => id);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-team-'));
    binary = join(folder, 'team');
    const built = spawnSync('go', ['build', '-mod=readonly', '-o', binary, '.'], { cwd: source, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`The example cannot be built; Go is needed. ${built.error?.message ?? built.stderr}`);
    broker = await startTestBroker({ partitions: PARTITIONS, teams: [{ name: 'erp', tenant: 'acme' }, { name: 'crm', tenant: 'globex' }] });
    log = new JetStreamEventLog(await open('orchestrator'), PARTITIONS);
  });
  afterAll(async () => {
    await Promise.all([...teams].map((child) => { const end = gone(child); child.kill('SIGKILL'); return end; }));
    await Promise.all(buses.map((bus) => bus.close()));
    await broker?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('publishes tasks, hears of a bad one, and misses no event of a run and gets none twice, whoever is killed', async () => {
    const first = await startGateway();
    await startGateway();
    const dying = startTeam({ DIE_AFTER: '3' });
    const died = gone(dying);
    const task = { specversion: '1.0', id: 'inv-1', source: '/erp', type: 'invoice.received', data: { goal: 'Pay invoice 1.' } };
    for (const line of [task, task, { ...task, id: 'bad', data: {} }]) dying.stdin?.write(`${JSON.stringify(line)}\n`);
    const run = key(runIdOf('acme', '/erp', 'inv-1'));
    const inbox = await open('gateway');
    await until(async () => (await inbox.count('INBOX', `inbox.*.acme.${run.runId}.task`)) === 1);
    await until(() => read().some(({ type, data }) => type === 'holdfast.task-refused' && data['code'] === 'task.invalid'));

    await append(log, run, 'plan', [accepted()]);
    await append(log, key('other', 'globex'), 'plan', [accepted()]);
    const expected = ['1.0'];
    for (let step = 1; step <= 5; step += 1) {
      await append(log, run, 'call.default', [called(`c${step}-1`, 'pay', {})]);
      await append(log, run, 'plan', returned(`c${step}-1`, 'pay', {}));
      expected.push(`${2 * step}.0`, `${2 * step + 1}.0`);
      if (step === 2) {
        await died;
        await first.close(0);
      }
      if (step === 3) {
        startTeam();
        await broker.kill();
        await broker.restart();
      }
    }
    await append(log, run, 'end', [ended('Done.')]);
    expected.push('12.0');

    await until(() => placesOf(run.runId).length >= expected.length);
    expect(new Set(placesOf(run.runId))).toEqual(new Set(expected));
    expect(placesOf(run.runId)).toHaveLength(expected.length);
    expect(read().filter(({ source: from }) => !from.startsWith('/tenants/acme/'))).toEqual([]);
  });
});
