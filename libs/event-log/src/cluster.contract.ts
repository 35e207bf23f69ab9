import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { logStream, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { startTestCluster, type TestCluster } from '@holdfast/testing';
import { JetStreamEventLog, findBreak, type AppendResult } from './index.js';
import { eventLogContract } from './event-log.suite.js';

/** Leader kills of one test run; a longer form is asked for by the environment. */
const KILLS = Number(process.env['HOLDFAST_LEADER_KILLS'] ?? 3);
const RUNS = 8;
/** Commits that must have been acknowledged after each kill before the next may come. */
const PROGRESS = 40;

let cluster: TestCluster;
const open: Bus[] = [];

async function connect(role: 'orchestrator' | 'gateway', partitions = 1): Promise<JetStreamEventLog> {
  const bus = await Bus.connect({ url: cluster.url, role, seed: cluster.seedOf(role), name: `contract-${role}` });
  open.push(bus);
  return new JetStreamEventLog(bus, partitions);
}

beforeAll(async () => {
  cluster = await startTestCluster();
});

afterAll(async () => {
  await Promise.all(open.map((bus) => bus.close(500)));
  await cluster.stop();
});

eventLogContract('JetStream, three replicas', async () => ({ openWriter: () => connect('orchestrator'), openReader: () => connect('gateway'), caughtUp: () => cluster.caughtUp(), close: async () => undefined }));

interface Told {
  readonly key: RunKey;
  readonly id: string;
  readonly result: AppendResult;
}

/** One writer that appends to its runs in turn until it is stopped, always behind what it knows of the run. */
async function write(log: JetStreamEventLog, name: string, key: RunKey, told: Told[], stopped: () => boolean): Promise<void> {
  let head: RecordedCommit | undefined;
  for (let round = 1; !stopped(); round += 1) {
    const id = `${name}-${round}`;
    const result = await log.append(key, { at: round, cause: { kind: 'test', id }, route: 'wait', events: [{ type: 'timer-fired', timerId: id }] }, head);
    told.push({ key, id, result });
    if (result.status === 'appended') head = result.recorded;
    else if (result.status === 'lost') head = result.head;
    else head = await log.head(key).catch(() => head);
  }
}

describe('two racing writers while the leader of the stream is killed again and again', () => {
  it('lose no acknowledged commit, fork no run, and are told the truth about every append', async () => {
    const writers = [await connect('orchestrator'), await connect('orchestrator')];
    const keys = Array.from({ length: RUNS }, (_, index): RunKey => ({ tenant: 'acme', runId: `raced-${index}` }));
    const told: Told[] = [];
    let stopped = false;
    const writing = Promise.all(writers.flatMap((log, writer) => keys.map((key) => write(log, `w${writer}`, key, told, () => stopped))));
    const acknowledged = (): number => told.filter(({ result }) => result.status === 'appended').length;
    const progress = async (): Promise<void> => {
      for (const goal = acknowledged() + PROGRESS; acknowledged() < goal;) await new Promise((resolve) => setTimeout(resolve, 20));
    };

    await progress();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const leader = await cluster.leaderOf(logStream(0));
      if (leader === undefined) throw new Error('the stream has no leader');
      await leader.kill();
      await progress();
      await leader.restart();
      await cluster.settled();
    }
    await progress();
    stopped = true;
    await writing;

    await cluster.caughtUp();
    const reader = await connect('gateway');
    const histories = new Map(await Promise.all(keys.map(async (key) => [key.runId, await reader.readRun(key)] as const)));
    const stored: RecordedCommit[] = [];
    for (let page = await reader.readPartition(0, 1, 500); page.length > 0; page = await reader.readPartition(0, (page.at(-1)?.sequence ?? 0) + 1, 500)) {
      stored.push(...page.filter(({ commit }) => commit.runId.startsWith('raced-')));
    }
    expect(stored).toHaveLength([...histories.values()].flat().length);
    for (const history of histories.values()) expect(findBreak(history)).toBeUndefined();

    const places = new Map(stored.map(({ commit, sequence }) => [`${commit.runId}/${commit.cause.id}`, sequence]));
    const lies = told.filter(({ key, id, result }) => {
      const place = places.get(`${key.runId}/${id}`);
      if (result.status === 'appended') return place !== result.recorded.sequence;
      if (result.status === 'lost') return place !== undefined || !histories.get(key.runId)?.some(({ sequence }) => sequence === result.winner);
      return false;
    });
    expect(lies).toEqual([]);
    const counts = Object.fromEntries(['appended', 'lost', 'unavailable'].map((status) => [status, told.filter(({ result }) => result.status === status).length]));
    expect(counts['appended']).toBeGreaterThan(KILLS * PROGRESS);
    expect(counts['lost']).toBeGreaterThan(0);
    process.stdout.write(`${JSON.stringify({ kills: KILLS, ...counts })}\n`);
  }, 60_000 + KILLS * 60_000);
});
