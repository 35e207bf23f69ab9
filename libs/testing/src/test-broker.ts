import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerConfig, createIdentities, createIdentity, install, startBroker, type Identities } from '@holdfast/deploy';
import type { Account, Durability, Team } from '@holdfast/contracts';

export interface TestBroker {
  readonly url: string;
  /** Where the monitoring endpoints are; undefined unless they were asked for. */
  readonly monitorUrl: string | undefined;
  readonly identities: Identities;
  seedOf(account: Account): string;
  /** The seed of a team outside. */
  seedOfTeam(name: string): string;
  /** Where it keeps its files. */
  readonly storeDirectory: string;
  /** SIGKILL; the store stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store. */
  restart(): Promise<void>;
  /** Runs the installer again. */
  install(): Promise<void>;
  stop(): Promise<void>;
}

/** A real broker with a whole installation in it, for one specification file. */
export async function startTestBroker(options: { readonly partitions?: number; readonly durability?: Durability; readonly adapters?: readonly string[]; readonly monitor?: boolean; readonly teams?: readonly Team[] } = {}): Promise<TestBroker> {
  const { partitions = 2, durability = 'process', adapters = ['default'], monitor = false, teams = [] } = options;
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  const identities = createIdentities();
  const outside = teams.map((team) => ({ ...team, ...createIdentity() }));
  const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<Account, string>;
  const broker = await startBroker({ directory, monitor, config: brokerConfig({ partitions, adapters, teams: outside, publicKeys, durability, storeDirectory: join(directory, 'store') }) });
  const stop = async (): Promise<void> => {
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const installAgain = async (): Promise<void> => void (await install({ url: broker.url, seed: identities.CORE.seed, partitions, adapters, teams }));
  try {
    await installAgain();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: broker.url, monitorUrl: monitor ? `http://127.0.0.1:${broker.monitorPort}` : undefined, identities, storeDirectory: join(directory, 'store'), seedOf: (account) => identities[account].seed, seedOfTeam: (name) => outside.find((team) => team.name === name)?.seed ?? '', kill: () => broker.kill(), restart: () => broker.restart(), install: installAgain, stop };
}
