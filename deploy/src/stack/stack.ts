import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PARTITIONS, type Durability } from '@holdfast/contracts';
import { startBroker, type BrokerSettings, type RunningBroker } from '../broker/index.js';
import { startDatabase, type RunningDatabase } from '../database/index.js';
import { brokerConfig, createIdentities, install, type Identities } from '../installation/index.js';
import { freePort, superviseProcess, type ProcessExit, type RunDirectory, type SupervisedProcess } from '../process/index.js';
import { writeCatalog } from './catalog.js';
import { createSecrets, keptIdentities, type SecretFiles } from './secrets.js';
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
  /** Whether the directory is used again: the broker's users and the API keys are written there then, and read by the next start. */
  readonly isKept?: boolean;
  /** The gateway's port; a free one when left out. */
  readonly gatewayPort?: number;
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
  readonly apiKeys: Readonly<Record<KeyName, string>>;
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

type KeyName = 'operator' | 'approver' | 'viewer' | 'admin' | 'local';

/** `local` is for whoever tries everything on their own machine, and has every role. */
const KEYS: Readonly<Record<KeyName, readonly string[]>> = { operator: ['operator', 'approver', 'viewer'], approver: ['approver'], viewer: ['viewer'], admin: ['admin'], local: ['admin', 'operator', 'approver', 'viewer'] };
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
  const secretsFolder = join(directory.path, 'secrets');
  const identities = options.broker?.identities ?? (external !== undefined ? undefined : options.isKept === true ? await keptIdentities(secretsFolder) : createIdentities());
  const crashes: string[] = [];
  let stopping = false;
  /** What ends by itself is told, and started again until it serves, as a cluster would; `isWanted` says whether it still should. */
  const revive = async (name: string, how: ProcessExit, start: () => Promise<void>, isWanted: () => boolean): Promise<void> => {
    const tellCrash = (what: string): void => {
      crashes.push(what);
      progress(what);
    };
    tellCrash(`${name} ended with ${how.signal ?? `code ${how.code}`}`);
    for (let tries = 1; !stopping && isWanted(); tries += 1) {
      await sleep(RESTART_DELAY_MS);
      if (stopping || !isWanted()) return;
      try {
        return await start();
      } catch (error) {
        if (tries === 1) tellCrash(`${name} did not come up again: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  // Whoever keeps an installation wants it to serve; a scenario kills these itself and looks at what becomes of that.
  const reviveServer = (name: string, server: () => RunningBroker | RunningDatabase | undefined) => (options.isKept !== true ? {} : {
    onUnexpectedExit: (how: ProcessExit) => void revive(name, how, async () => server()?.restart(), () => server()?.pid === undefined),
  });
  const servers: { broker?: RunningBroker | undefined; database?: RunningDatabase | undefined } = {};
  progress('starting broker and database');
  // Both are waited for, also when one fails: what still starts could not be stopped, and would keep us alive.
  const [brokerStart, databaseStart] = await Promise.allSettled([
    identities === undefined || external !== undefined ? undefined : startOwnBroker(options, identities, partitions, reviveServer('broker', () => servers.broker)).then(keep),
    needsDatabase(options) ? directory.folder('database').then((folder) => startDatabase({ directory: folder, ...reviveServer('database', () => servers.database) })).then(keep) : undefined,
  ]);
  if (brokerStart.status === 'rejected') throw brokerStart.reason;
  if (databaseStart.status === 'rejected') throw databaseStart.reason;
  const broker = (servers.broker = brokerStart.value);
  const database = (servers.database = databaseStart.value);
  const brokerUrl = external ?? broker?.url ?? '';
  await install({ url: brokerUrl, seed: identities?.CORE.seed, partitions, adapters: ADAPTERS, replicas: options.broker?.replicas ?? 1 });
  const catalog = join(directory.path, 'catalog.json');
  await writeCatalog(catalog, options.application.agents, options.application.tools);
  const keys = Object.entries(KEYS).map(([name, roles]) => ({ name, tenant: options.tenant, roles }));
  const secrets = await createSecrets(secretsFolder, keys, options.isKept === true ? join(directory.path, 'keys') : undefined);
  progress('starting services');
  const killed = new Set<InstanceName>();
  const planned = await Promise.all((options.services ?? SERVICES).flatMap((service) => instanceNames(service, options.instances?.[service] ?? 1).map(async (name) => ({ service, name, port: name === 'gateway' ? (options.gatewayPort ?? (await freePort())) : await freePort() }))));
  const gatewayUrl = `http://127.0.0.1:${planned.find(({ name }) => name === 'gateway')?.port ?? (await freePort())}`;
  const services = Object.fromEntries(planned.map(({ service, name, port }) => {
    const supervised: SupervisedProcess = superviseProcess({
      name, command: process.execPath, args: ['--enable-source-maps', entryPoint(service)], logFile: join(directory.path, 'logs', `${name}.log`),
      env: { ...inherited(), ...options.environment, ...environmentOf(service, options, { brokerUrl, identities, partitions, catalog, files: secrets.files, databaseUrl: database?.url ?? '', port, gatewayUrl, apiKey: secrets.apiKeys['operator'] ?? '', approverKey: secrets.apiKeys['approver'] ?? '' }) },
      // A machine that is busy with other things starts seven processes slowly.
      ready: () => isReady(port), readySeconds: 120,
      onUnexpectedExit: (how) => void revive(name, how, () => supervised.start(), () => !killed.has(name) && (supervised.state === 'ended' || supervised.state === 'stopped')),
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
    apiKeys: secrets.apiKeys as Stack['apiKeys'],
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

async function startOwnBroker(options: StackOptions, identities: Identities, partitions: number, revived: Pick<BrokerSettings, 'onUnexpectedExit'>): Promise<RunningBroker> {
  const folder = await options.directory.folder('broker');
  const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<keyof Identities, string>;
  const config = brokerConfig({ partitions, adapters: ADAPTERS, publicKeys, durability: options.durability ?? 'power', storeDirectory: join(folder, 'store') });
  return startBroker({ config, directory: folder, ...revived });
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
    case 'gateway': return { ...common, HOLDFAST_API_KEYS_FILE: around.files.apiKeys, HOLDFAST_PERMIT_PUBLIC_KEYS_FILE: around.files.permitPublicKey };
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

