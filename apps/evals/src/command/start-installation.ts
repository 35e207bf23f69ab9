import { dirname, join, resolve } from 'node:path';
import { SERVICES, entryPoint, freePort, startControl, startStack, superviseProcess, type RunDirectory } from '@holdfast/deploy';
import { HoldfastError } from '@holdfast/contracts';
import type { Suite } from '../suites/suite.js';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.js';
import { startWorld } from './start-world.js';

const TENANT = 'evals';

/** Where the evals service of an installation is asked. */
export interface Installation {
  readonly evalsUrl: string;
  readonly key: string;
}

/** Told of everything that is started, in order; whoever called stops it in reverse, also when starting failed. */
export type Keep = (thing: { stop(): Promise<unknown> }) => void;

/**
 * Starts the suite's world, a stack with the suite's application, the control server and the evals service. The latter
 * is started last and by itself, since it has to know where the control server of the stack is.
 */
export async function startInstallation(suite: Suite, path: string, directory: RunDirectory, keep: Keep, onProgress: (what: string) => void): Promise<Installation> {
  const { application } = suite;
  if (application === undefined) throw new HoldfastError({ code: 'suite.invalid', message: 'The suite does not name an application to deploy.', retryable: false, remedy: 'Add "application" with agents, tools and policies.' });
  const folder = dirname(resolve(path));
  const at = (place: string): string => resolve(folder, place);
  onProgress('starting the world');
  const world = await startWorld(suite.world, folder, directory);
  if (world.process !== undefined) keep(world.process);
  const proxied = await proxyFor(suite, world.environment);
  if (proxied !== undefined) keep(proxied.proxy);
  const stack = await startStack({
    directory, tenant: TENANT, environment: { ...(proxied?.environment ?? world.environment), ...nodeOptions() }, onProgress,
    services: SERVICES.filter((name) => name !== 'evals'),
    application: {
      agents: at(application.agents), tools: at(application.tools), policies: at(application.policies),
      ...(application.memory === undefined ? {} : { memorySeed: { folder: at(application.memory.folder), scope: application.memory.scope } }),
    },
  });
  keep(stack);
  const control = await startControl(stack);
  keep(control);
  const port = await freePort();
  const evalsUrl = `http://127.0.0.1:${port}`;
  const evals = superviseProcess({
    name: 'evals', command: process.execPath, args: ['--enable-source-maps', entryPoint('evals')], logFile: join(directory.path, 'logs', 'evals.log'),
    env: {
      PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...world.environment,
      NATS_URL: stack.brokerUrl, ...(stack.identities === undefined ? {} : { HOLDFAST_NATS_SEED: stack.identities.evals.seed }), HOLDFAST_PARTITIONS: String(stack.partitions),
      HOST: '127.0.0.1', PORT: String(port), HOLDFAST_TENANT: TENANT, HOLDFAST_GATEWAY_URL: stack.gatewayUrl, HOLDFAST_API_KEY: stack.apiKeys.operator, HOLDFAST_APPROVER_KEY: stack.apiKeys.approver,
      HOLDFAST_CONTROL_URL: control.url, HOLDFAST_CONTROL_TOKEN: control.token,
      ...(proxied === undefined ? {} : { HOLDFAST_FAULT_PROXY_URL: proxied.proxy.url, HOLDFAST_FAULT_PROXY_TOKEN: proxied.proxy.token }),
    },
    ready: async () => (await fetch(`${evalsUrl}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok,
  });
  keep(evals);
  await evals.start();
  return { evalsUrl, key: stack.apiKeys.operator };
}

/** Tools are given the proxy's address for the world's; scorers ask the world itself. */
async function proxyFor(suite: Suite, environment: Readonly<Record<string, string>>): Promise<{ readonly proxy: FaultProxy; readonly environment: Readonly<Record<string, string>> } | undefined> {
  const [name, url] = Object.entries(environment)[0] ?? [];
  if (name === undefined || url === undefined || !suite.cases.some(({ faults, observed }) => observed || faults.http.length > 0)) return undefined;
  const proxy = await startFaultProxy(url);
  return { proxy, environment: { [name]: proxy.url } };
}

/** What services are started with, for profilers and for tests that take a guarantee away from them. */
function nodeOptions(): Readonly<Record<string, string>> {
  const options = process.env['HOLDFAST_SERVICES_NODE_OPTIONS'];
  return options === undefined ? {} : { NODE_OPTIONS: options };
}
