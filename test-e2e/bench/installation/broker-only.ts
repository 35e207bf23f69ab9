import { join } from 'node:path';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { Bus } from '@holdfast/bus';
import { brokerConfig, createIdentities, createRunDirectory, install, startBroker, type Durability, type RunningBroker } from '@holdfast/deploy';
import type { Account, Role } from '@holdfast/contracts';
import type { BenchmarkContext } from '../suite/benchmark.ts';

/** A broker with an installation's accounts and streams, and no services. */
export interface BrokerOnly {
  readonly broker: RunningBroker;
  readonly partitions: number;
  readonly storeDirectory: string;
  readonly core: NatsConnection;
  /** A fresh connection of a role, as its service makes it. */
  bus(role: Role): Promise<Bus>;
}

export async function startBrokerOnly(context: BenchmarkContext, options: { readonly partitions: number; readonly durability: Durability }): Promise<BrokerOnly> {
  const { partitions, durability } = options;
  const directory = await createRunDirectory();
  context.defer(() => directory.remove());
  const folder = await directory.folder('broker');
  const identities = createIdentities();
  const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<Account, string>;
  const adapters = ['default'];
  const storeDirectory = join(folder, 'store');
  const broker = await startBroker({ directory: folder, config: brokerConfig({ partitions, adapters, publicKeys, durability, storeDirectory }) });
  context.defer(() => broker.stop());
  await install({ url: broker.url, seed: identities.CORE.seed, partitions, adapters });
  const core = await connect({ servers: broker.url, name: 'benchmark', authenticator: nkeyAuthenticator(new TextEncoder().encode(identities.CORE.seed)) });
  context.defer(() => core.close());
  return {
    broker, partitions, storeDirectory, core,
    bus: async (role) => {
      const bus = await Bus.connect({ url: broker.url, role, seed: identities[role].seed, name: `benchmark-${role}` });
      context.defer(() => bus.close(1_000));
      return bus;
    },
  };
}
