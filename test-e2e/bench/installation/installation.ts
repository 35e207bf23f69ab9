import { join } from 'node:path';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { REPOSITORY, createRunDirectory, startStack, type RunDirectory, type ServiceName, type Stack, type StackOptions } from '@holdfast/deploy';
import { inboxPrefix, type Account } from '@holdfast/contracts';
import { TaskPublisher } from '@holdfast/example-accounts-payable';
import type { BenchmarkContext } from '../suite/benchmark.ts';

export const TENANT = 'bench';

/** What a run of the agent loop needs. */
export const LOOP_SERVICES: readonly ServiceName[] = ['gateway', 'orchestrator', 'planner', 'policy', 'tool-adapters'];

/** A whole installation on this machine: real processes, one broker, fsync before every acknowledgement. */
export interface Installation {
  readonly directory: RunDirectory;
  readonly stack: Stack;
  readonly publisher: TaskPublisher;
  /** The installer's connection, which no service has: it counts messages and makes the streams of bare floors. */
  readonly core: NatsConnection;
  /** A plain connection of another account. */
  connect(account: Account): Promise<NatsConnection>;
}

/** Starts an installation that is stopped and removed when the benchmark ends. */
export async function startInstallation(context: BenchmarkContext, options: Partial<StackOptions> = {}): Promise<Installation> {
  const directory = await createRunDirectory();
  context.defer(() => directory.remove());
  const application = join(REPOSITORY, 'test-e2e', 'bench', 'application');
  const module = join(application, 'agent-and-tools.ts');
  context.progress('starting broker and services');
  const stack = await startStack({
    directory, tenant: TENANT, services: LOOP_SERVICES, durability: 'power', application: { agents: module, tools: module, policies: join(application, 'policies') }, ...options,
    // So that a processor profile or a heap's size can be asked of any service, without a port that others may hold.
    environment: { NODE_OPTIONS: '--inspect-port=127.0.0.1:0', LOG_LEVEL: 'warn', ...options.environment },
  });
  context.defer(() => stack.stop());
  const seedOf = (account: Account): string | undefined => stack.identities?.[account].seed;
  const open = async (account: Account): Promise<NatsConnection> => {
    const seed = seedOf(account);
    const connection = await connect({
      servers: stack.brokerUrl, name: 'benchmark', maxReconnectAttempts: -1, reconnectTimeWait: 50, timeout: 5_000,
      ...(account === 'CORE' ? {} : { inboxPrefix: inboxPrefix(account) }),
      ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) }),
    });
    context.defer(() => connection.close());
    return connection;
  };
  const publisher = await TaskPublisher.connect(stack.brokerUrl, seedOf('publisher'), TENANT);
  context.defer(() => publisher.close());
  return { directory, stack, publisher, core: await open('CORE'), connect: open };
}
