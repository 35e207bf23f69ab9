import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';
import { brokerConfig, createIdentities, startCluster, type RunningBroker, type RunningCluster } from '@holdfast/deploy';
import type { Fault, Preparation, Site } from './fault.ts';

const KILLS = 2;
const ELECTION_MS = 15_000;
const clusters = new WeakMap<Site['orders'], RunningCluster>();

export const killLeader: Fault = {
  name: 'kill-leader',
  summary: 'three servers with three copies of every stream: SIGKILL to the one that leads a partition of the log, twice',
  needs: [],
  async prepare({ directory, orders, partitions }): Promise<Preparation> {
    const identities = createIdentities();
    const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<keyof typeof identities, string>;
    const cluster = await startCluster({
      directory: await directory.folder('cluster'),
      config: (folder) => brokerConfig({ partitions, adapters: ['default'], publicKeys, durability: 'power', storeDirectory: join(folder, 'store') }),
    });
    clusters.set(orders, cluster);
    return { stack: { broker: { url: cluster.url, identities, replicas: 3 } }, undo: () => cluster.stop() };
  },
  async inflict({ orders, random, strike, killed, say, stack }) {
    const cluster = clusters.get(orders);
    if (cluster === undefined) throw new TypeError('the cluster was not prepared');
    for (let kill = 0; kill < KILLS; kill += 1) {
      await sleep(random.between(300, 900));
      const stream = `LOG-${random.below(stack.partitions)}`;
      const leader = await leaderOf(cluster, stream);
      await leader.kill();
      killed();
      strike('kill-leader');
      say(`killed the leader of ${stream}, ${leader.url}`);
      // Long enough for the two others to agree on a leader and go on.
      await sleep(random.between(500, 2_500));
      await leader.restart();
      await cluster.settled();
    }
  },
};

async function leaderOf(cluster: RunningCluster, stream: string): Promise<RunningBroker> {
  for (const deadline = Date.now() + ELECTION_MS; Date.now() < deadline; await sleep(100)) {
    const leader = await cluster.leaderOf(stream);
    if (leader !== undefined) return leader;
  }
  throw new HoldfastError({ code: 'chaos.no-leader', message: `No server leads ${stream}.`, retryable: true, remedy: 'Look at the logs of the servers.' });
}
