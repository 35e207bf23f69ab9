import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerConfig, createIdentities, install, startCluster, type RunningCluster } from '@holdfast/deploy';
import type { Account } from '@holdfast/contracts';

export interface TestCluster extends Pick<RunningCluster, 'url' | 'leaderOf' | 'settled' | 'caughtUp' | 'nodes' | 'stop'> {
  seedOf(account: Account): string;
}

/** Three brokers with a whole installation on them, each stream three times. */
export async function startTestCluster(options: { readonly partitions?: number } = {}): Promise<TestCluster> {
  const { partitions = 1 } = options;
  const adapters = ['default'];
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-cluster-'));
  const identities = createIdentities();
  const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<Account, string>;
  let cluster: RunningCluster | undefined;
  const stop = async (): Promise<void> => {
    await cluster?.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    cluster = await startCluster({ directory, config: (folder) => brokerConfig({ partitions, adapters, publicKeys, durability: 'process', storeDirectory: join(folder, 'store') }) });
    await install({ url: cluster.url, seed: identities.CORE.seed, partitions, adapters, replicas: 3 });
    await cluster.settled();
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...cluster, seedOf: (account) => identities[account].seed, stop };
}
