import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PARTITIONS, type Durability } from '@holdfast/contracts';
import { startBroker, type RunningBroker } from '../broker/index.js';
import { startDatabase, type RunningDatabase } from '../database/index.js';
import { brokerConfig, createIdentities, install, type Identities } from '../installation/index.js';
import { freePort, superviseProcess, type RunDirectory, type SupervisedProcess } from '../process/index.js';
import { writeCatalog } from './catalog.js';
import { createSecrets, type SecretFiles } from './secrets.js';
import { ROLE_OF, SERVICES, entryPoint, instanceNames, type InstanceName, type ServiceName } from './services.js';

export interface StackOptions {
  readonly directory: RunDirectory;
  /** What is deployed: built modules, a folder of policies and, if wanted, documents for memory. */
  readonly application: { readonly agents: string; readonly tools: string; readonly policies: string; readonly memorySeed?: { readonly folder: string; readonly scope: string } };
  readonly tenant: string;
  readonly partitions?: number;
  readonly durability?: Durability;
  /** A broker or cluster that runs already and has these users; one is started, or NATS_URL used, when left out. */
  readonly broker?: { readonly url: string; readonly identities: Identities; readonly replicas: number };
  /** Services to run; all when left out. */
  readonly services?: readonly ServiceName[];
  /** How many processes of a service run; one when left out. The second orchestrator is named `orchestrator-2`. */
  readonly instances?: Readonly<Partial<Record<ServiceName, number>>>;
  /** Added to every service's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told of each thing that is started, for people who wait. */
  readonly onProgress?: (what: string) => void;
}

/** Everything of an installation running on this machine. */
export interface Stack {
  readonly brokerUrl: string;
  /** Undefined when the broker is somebody else's and its users are too. */
  readonly identities: Identities | undefined;
  readonly broker: RunningBroker | undefined;
  /** Undefined when no service of this stack needs one. */
  readonly database: RunningDatabase | undefined;
  readonly gatewayUrl: string;
  readonly apiKeys: Readonly<Record<'operator' | 'approver' | 'viewer' | 'admin', string>>;
  /** By their instance's name. */
  readonly services: Readonly<Record<string, SupervisedProcess>>;
  readonly partitions: number;
  /** Processes that ended though nobody asked, with how; they were started again. */
  readonly crashes: readonly string[];
  /** SIGKILL; the process stays away until it is started. */
  kill(name: InstanceName | 'broker'): Promise<void>;
  /** Starts a killed process and resolves when it is ready. */
  start(name: InstanceName | 'broker'): Promise<void>;
  stop(): Promise<void>;
}

const ADAPTERS = ['default'];
const RESTART_DELAY_MS = 250;

/** Starts broker, database and services. When anything fails, what was started is stopped again. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const started: { stop(): Promise<unknown> }[] = [];
  try {
    return await start(options, started);
  } catch (error) {
    await Promise.allSettled(started.reverse().map((thing) => thing.stop()));
    throw error;
  }
}

async function start(options: StackOptions, started: { stop(): Promise<unknown> }[]): Promise<Stack> {
  const { directory } = options;
  const partitions = options.partitions ?? DEFAULT_PARTITIONS;
  const progress = options.onProgress ?? (() => undefined);
  const keep = <T extends { stop(): Promise<unknown> }>(thing: T): T => {
    started.push(thing);
    return thing;
  };
  const named = process.env['NATS_URL']?.trim() ?? '';
  const external = options.broker?.url ?? (named === '' ? undefined : named);
  const identities = options.broker?.identities ?? (external === undefined ? createIdentities() : undefined);
  progress('starting broker and database');
  // Both are waited for, also when one fails: what still starts could not be stopped, and would keep us alive.
  const [brokerStart, databaseStart] = await Promise.allSettled([
    identities === undefined || external !== undefined ? undefined : startOwnBroker(options, identities, partitions).then(keep),
    needsDatabase(options) ? directory.folder('database').then((folder) => startDatabase({ directory: folder })).then(keep) : undefined,
  ]);
  if (brokerStart.status === 'rejected') throw brokerStart.reason;
  if (databaseStart.status === 'rejected') throw databaseStart.reason;
  const broker = brokerStart.value;
  const database = databaseStart.value;
  const brokerUrl = external ?? broker?.url ?? '';
  await install({ url: brokerUrl, seed: identities?.CORE.seed, partitions, adapters: ADAPTERS, replicas: options.broker?.replicas ?? 1 });
  const catalog = join(directory.path, 'catalog.json');
  await writeCatalog(catalog, options.application.agents, options.application.tools);
  const secrets = await createSecrets(join(directory.path, 'secrets'), [
    { name: 'operator', tenant: options.tenant, roles: ['operator', 'approver', 'viewer'] },
    { name: 'approver', tenant: options.tenant, roles: ['approver'] },
    { name: 'viewer', tenant: options.tenant, roles: ['viewer'] },
    { name: 'admin', tenant: options.tenant, roles: ['admin'] },
  ]);
  progress('starting services');
  const crashes: string[] = [];
  let stopping = false;
  const killed = new Set<InstanceName>();
  const planned = await Promise.all((options.services ?? SERVICES).flatMap((service) => instanceNames(service, options.instances?.[service] ?? 1).map(async (name) => ({ service, name, port: await freePort() }))));
  const gatewayUrl = `http://127.0.0.1:${planned.find(({ name }) => name === 'gateway')?.port ?? (await freePort())}`;
  /** Starts a service again until it serves, as a cluster would; unless somebody killed it on purpose meanwhile. */
  const revive = async (name: InstanceName, supervised: SupervisedProcess): Promise<void> => {
    while (!stopping && !killed.has(name)) {
      await sleep(RESTART_DELAY_MS);
      if (supervised.state !== 'ended' && supervised.state !== 'stopped') return;
      try {
        return await supervised.start();
      } catch {
        crashes.push(`${name} did not come up again`);
      }
    }
  };
  const services = Object.fromEntries(planned.map(({ service, name, port }) => {
    const supervised: SupervisedProcess = superviseProcess({
      name, command: process.execPath, args: ['--enable-source-maps', entryPoint(service)], logFile: join(directory.path, 'logs', `${name}.log`),
      env: { ...inherited(), ...options.environment, ...environmentOf(service, options, { brokerUrl, identities, partitions, catalog, files: secrets.files, databaseUrl: database?.url ?? '', port, gatewayUrl, apiKey: secrets.apiKeys['operator'] ?? '', approverKey: secrets.apiKeys['approver'] ?? '' }) },
      ready: () => isReady(port),
      onUnexpectedExit: (exit) => {
        crashes.push(`${name} ended with ${exit.signal ?? `code ${exit.code}`}`);
        void revive(name, supervised);
      },
    });
    return [name, keep(supervised)];
  }));
  await Promise.all(Object.values(services).map((service) => service.start()));
  progress('ready');
  const processOf = (name: InstanceName): SupervisedProcess => {
    const service = services[name];
    if (service === undefined) throw new RangeError(`${name} is not part of this stack`);
    return service;
  };
  return {
    brokerUrl, identities, broker, database, gatewayUrl, services, partitions, crashes,
    apiKeys: { operator: secrets.apiKeys['operator'] ?? '', approver: secrets.apiKeys['approver'] ?? '', viewer: secrets.apiKeys['viewer'] ?? '', admin: secrets.apiKeys['admin'] ?? '' },
    kill: async (name) => {
      if (name === 'broker') return broker?.kill();
      killed.add(name);
      return processOf(name).kill();
    },
    start: async (name) => {
      if (name === 'broker') return broker?.restart();
      killed.delete(name);
      return processOf(name).start();
    },
    stop: async () => {
      stopping = true;
      await Promise.allSettled(Object.values(services).map((service) => service.stop()));
      await Promise.allSettled([broker?.stop(), database?.stop()]);
    },
  };
}

/** Only memory keeps anything outside the log. */
function needsDatabase({ services = SERVICES }: StackOptions): boolean {
  return services.includes('memory');
}

async function startOwnBroker(options: StackOptions, identities: Identities, partitions: number): Promise<RunningBroker> {
  const folder = await options.directory.folder('broker');
  const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<keyof Identities, string>;
  const config = brokerConfig({ partitions, adapters: ADAPTERS, publicKeys, durability: options.durability ?? 'power', storeDirectory: join(folder, 'store') });
  return startBroker({ config, directory: folder });
}

/** Only what a process needs to run at all, and what tracing and model providers are configured by. */
function inherited(): NodeJS.ProcessEnv {
  const wanted = /^(PATH|HOME|TMPDIR|LANG|TZ|NODE_EXTRA_CA_CERTS|OTEL_.*|HOLDFAST_MODEL.*|OPENAI_API_KEY|ANTHROPIC_API_KEY|HTTPS?_PROXY|NO_PROXY)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => wanted.test(name)));
}

interface Surroundings {
  readonly brokerUrl: string;
  readonly identities: Identities | undefined;
  readonly partitions: number;
  readonly catalog: string;
  readonly files: SecretFiles;
  readonly databaseUrl: string;
  readonly port: number;
  readonly gatewayUrl: string;
  readonly apiKey: string;
  readonly approverKey: string;
}

function environmentOf(name: ServiceName, options: StackOptions, around: Surroundings): NodeJS.ProcessEnv {
  const { application } = options;
  const common = {
    NATS_URL: around.brokerUrl, HOLDFAST_PARTITIONS: String(around.partitions), HOLDFAST_CATALOG: around.catalog, PORT: String(around.port), HOST: '127.0.0.1', HOLDFAST_MASTER_KEY_FILE: around.files.masterKey,
    ...(around.identities === undefined ? {} : { HOLDFAST_NATS_SEED: around.identities[ROLE_OF[name]].seed }),
  };
  switch (name) {
    case 'gateway': return { ...common, HOLDFAST_API_KEYS_FILE: around.files.apiKeys };
    case 'orchestrator': return common;
    case 'planner': return { ...common, HOLDFAST_AGENTS: application.agents };
    case 'policy': return { ...common, HOLDFAST_POLICIES: application.policies, HOLDFAST_PERMIT_PRIVATE_KEY: around.files.permitPrivateKey };
    case 'tool-adapters': return { ...common, HOLDFAST_TOOLS: application.tools, HOLDFAST_PERMIT_PUBLIC_KEYS_FILE: around.files.permitPublicKey };
    case 'memory': return { ...common, DATABASE_URL: around.databaseUrl, ...(application.memorySeed === undefined ? {} : { HOLDFAST_MEMORY_SEED: application.memorySeed.folder, HOLDFAST_MEMORY_SEED_SCOPE: application.memorySeed.scope, HOLDFAST_MEMORY_SEED_TENANT: options.tenant }) };
    case 'evals': return { ...common, HOLDFAST_GATEWAY_URL: around.gatewayUrl, HOLDFAST_API_KEY: around.apiKey, HOLDFAST_APPROVER_KEY: around.approverKey, HOLDFAST_TENANT: options.tenant };
  }
}

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) });
  return answer.ok;
}

