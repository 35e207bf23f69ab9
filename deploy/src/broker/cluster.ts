import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';
import { freePort } from '../process/index.js';
import { startBroker, type RunningBroker } from './start.js';

export interface ClusterSettings {
  /** Servers; an odd number, since a majority has to agree. Three when left out. */
  readonly size?: number;
  /** Each server has a folder of its own in here. */
  readonly directory: string;
  /** The configuration of one server, without addresses, ports, names or routes; its store must be in its own folder. */
  readonly config: (serverDirectory: string) => string;
}

export interface RunningCluster {
  readonly nodes: readonly RunningBroker[];
  /** All clients' addresses, separated by commas. */
  readonly url: string;
  /** The server that leads a stream now; undefined while none does. */
  leaderOf(stream: string): Promise<RunningBroker | undefined>;
  /** Resolves when all servers run, one of them leads the cluster and every stream is up to date on every server. */
  settled(): Promise<void>;
  /** Resolves when every server's copy of each stream ends with the same message: then no read is behind. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

const SETTLING_LIMIT_MS = 60_000;
const LOOK_MS = 100;

/**
 * Starts a JetStream cluster on 127.0.0.1, for tests and experiments: ports are free ones, routes have no secrets, and all
 * servers share one disk. Rejects as {@link startBroker} does; then nothing is left running.
 */
export async function startCluster(settings: ClusterSettings): Promise<RunningCluster> {
  const size = settings.size ?? 3;
  const routePorts = await Promise.all(Array.from({ length: size }, () => freePort()));
  const routes = routePorts.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  const starts = await Promise.allSettled(routePorts.map((port, index) => {
    const directory = join(settings.directory, `node-${index + 1}`);
    const cluster = `cluster { name: holdfast, listen: "127.0.0.1:${port}", no_advertise: true, routes: [${routes}] }`;
    return startBroker({ directory, monitor: true, config: `${settings.config(directory)}\n${cluster}\n` });
  }));
  const nodes = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const stop = async (): Promise<void> => void (await Promise.allSettled(nodes.map((node) => node.stop())));
  const cluster: RunningCluster = {
    nodes,
    url: nodes.map((node) => node.url).join(','),
    leaderOf: async (stream) => {
      const details = await Promise.all(nodes.map(streamsOn));
      // A server that was deposed may still believe in itself; it has nobody who agrees.
      const votes = details.flatMap((streams) => streams.filter(({ name, leader }) => name === stream && leader !== undefined).map(({ leader }) => leader));
      return nodes.find((node) => node.pid !== undefined && votes.filter((leader) => leader === node.name).length * 2 > size);
    },
    settled: () => until(nodes, async () => (await Promise.all(nodes.map(isHealthy))).every(Boolean)),
    caughtUp: () => until(nodes, async () => {
      const ends = (await Promise.all(nodes.map(streamsOn))).map((streams) => streams.map(({ name, last }) => `${name} ${last}`).sort().join());
      return ends.every((end) => end === ends[0]);
    }),
    stop,
  };
  try {
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await cluster.settled();
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function until(nodes: readonly RunningBroker[], isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + SETTLING_LIMIT_MS; Date.now() < deadline; await sleep(LOOK_MS)) {
    if (await isSo()) return;
  }
  throw new HoldfastError({ code: 'broker.not_settled', message: `The cluster of ${nodes.length} servers did not settle within ${SETTLING_LIMIT_MS / 1_000} s.`, retryable: true, remedy: `Look at the servers' logs: ${nodes.map((node) => node.logFile).join(', ')}.` });
}

/** `/healthz` is good when the server has a leader to follow and its copies of all streams are current. */
async function isHealthy(node: RunningBroker): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${node.monitorPort}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

interface ListedStream {
  readonly name: string;
  readonly leader: string | undefined;
  /** The sequence of its last message. */
  readonly last: number;
}

async function streamsOn(node: RunningBroker): Promise<readonly ListedStream[]> {
  try {
    const answer = await fetch(`http://127.0.0.1:${node.monitorPort}/jsz?accounts=true&streams=true`, { signal: AbortSignal.timeout(2_000) });
    const body = (await answer.json()) as { account_details?: { stream_detail?: { name: string; state: { last_seq: number }; cluster?: { leader?: string } }[] }[] };
    return (body.account_details ?? []).flatMap((account) => (account.stream_detail ?? []).map(({ name, state, cluster }) => ({ name, leader: cluster?.leader, last: state.last_seq })));
  } catch {
    return [];
  }
}
