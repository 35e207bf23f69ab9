import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { REPOSITORY, SERVICES, createRunDirectory, startStack, type RunDirectory, type Stack, type StackOptions } from '@holdfast/deploy';
import { GatewayClient, TaskPublisher, World, application, readInvoiceEvents, type InvoiceEvent, type RunDetail } from '@holdfast/example-accounts-payable';

export interface Installation {
  readonly directory: RunDirectory;
  readonly stack: Stack;
  readonly world: World;
  readonly gateway: GatewayClient;
  readonly publisher: TaskPublisher;
  stop(): Promise<void>;
}

export const TENANT = 'acme';

/** What a run needs; `evals` looks on and is left out unless a scenario is about it. */
const NEEDED = SERVICES.filter((name) => name !== 'evals');

/** A scenario's own application on real processes and a real broker. */
export type Scenario = Omit<Installation, 'world'>;

/** The services that a scenario of one agent and its tools needs. */
const ESSENTIAL = ['gateway', 'orchestrator', 'planner', 'policy', 'tool-adapters'] as const;

/** Starts the application in the scenarios' folder of that name; `prepare` makes what its tools need, and names it in their environment. `policies` are its own, unless a folder is given; `more` are services beside the essential ones. */
export async function startScenario(name: string, partitions: number, prepare: (directory: RunDirectory) => Promise<Record<string, string>>, policies = join(REPOSITORY, 'test-e2e', 'scenarios', name, 'policies'), instances: NonNullable<StackOptions['instances']> = {}, more: readonly (typeof SERVICES)[number][] = []): Promise<Scenario> {
  const folder = join(REPOSITORY, 'test-e2e', 'scenarios', name);
  const module = join(folder, 'application.ts');
  return starting(async (directory, keep) => {
    const stack = await startStack({ directory, application: { agents: module, tools: module, policies }, tenant: TENANT, partitions, services: [...ESSENTIAL, ...more], instances, environment: await prepare(directory) });
    keep(() => stack.stop());
    return { stack, ...(await clientsOf(stack, keep)) };
  });
}

type Keep = (stop: () => Promise<unknown>) => void;

/** What was started is stopped in reverse order, at the end or when the start fails. */
async function starting<T>(start: (directory: RunDirectory, keep: Keep) => Promise<T>): Promise<T & Pick<Installation, 'directory' | 'stop'>> {
  const directory = await createRunDirectory();
  const stops: (() => Promise<unknown>)[] = [() => directory.remove()];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    return { ...(await start(directory, (one) => stops.push(one))), directory, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function clientsOf(stack: Stack, keep: Keep): Promise<Pick<Installation, 'publisher' | 'gateway'>> {
  const publisher = await TaskPublisher.connect(stack.brokerUrl, stack.identities?.publisher.seed, TENANT);
  keep(() => publisher.close());
  return { publisher, gateway: new GatewayClient(stack.gatewayUrl, stack.apiKeys.operator) };
}

/** The accounts-payable example on real processes, a real broker and a real database. */
export async function startInstallation(options: Partial<StackOptions> = {}): Promise<Installation> {
  return starting(async (directory, keep) => {
    const world = await World.start(directory);
    keep(() => world.stop());
    const stack = await startStack({ directory, application, tenant: TENANT, partitions: 4, services: NEEDED, ...options, environment: { COMPANY_URL: world.url, ...options.environment } });
    keep(() => stack.stop());
    return { stack, world, ...(await clientsOf(stack, keep)) };
  });
}

/** One of the example's thirty events. */
export function invoiceEvent(id: string): InvoiceEvent {
  const event = readInvoiceEvents().find((candidate) => candidate.id === id);
  if (event === undefined) throw new RangeError(`there is no event ${id}`);
  return event;
}

/** Waits until something holds, and says what was waited for when it does not within `patienceMs`. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, patienceMs = 120_000): Promise<T> {
  const deadline = Date.now() + patienceMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`waited in vain for ${what}${last === undefined ? '' : `; the last error was ${String(last)}`}`);
}

/** The run of an event once the gateway knows it. */
export async function runOf(gateway: GatewayClient, eventId: string): Promise<RunDetail | undefined> {
  const listed = (await gateway.runs()).find((run) => run.taskId === eventId);
  return listed === undefined ? undefined : gateway.run(listed.runId);
}

/** The run of an event when it has ended. */
export function endOf(gateway: GatewayClient, eventId: string): Promise<RunDetail> {
  return until(`the end of ${eventId}`, async () => {
    const run = await runOf(gateway, eventId);
    return run !== undefined && ['completed', 'failed', 'cancelled'].includes(run.status) ? run : undefined;
  });
}
