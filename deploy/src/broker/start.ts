import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { firstBytesFrom, freePort, superviseProcess, type ProcessExit, type SupervisedProcess } from '../process/index.js';
import { locateBroker, type LocatedBroker } from './locate.js';

export interface BrokerSettings {
  /**
   * The text of nats-server's configuration: accounts, JetStream and its `store_dir`, limits. It names no addresses,
   * ports or server name: those are given on the command line.
   */
  readonly config: string;
  /** Holds the configuration file and the log; created when missing. One running broker per folder. */
  readonly directory: string;
  /** The clients' port; a free one when left out. */
  readonly port?: number;
  /** Whether to open the monitoring endpoints (`/healthz`, `/jsz`) on a port of their own. */
  readonly monitor?: boolean;
  /** `broker.log` in the folder when left out. */
  readonly logFile?: string;
  /** Found with `locateBroker` when left out. */
  readonly program?: LocatedBroker;
  /** Called when the broker ends though nobody asked this handle for it. */
  readonly onUnexpectedExit?: (exit: ProcessExit) => void;
}

export interface RunningBroker {
  /** The server's own name, which JetStream knows it by. */
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly monitorPort: number | undefined;
  /** Undefined while the broker does not run. */
  readonly pid: number | undefined;
  readonly program: LocatedBroker;
  readonly logFile: string;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again, after stopping it where it runs, on the same ports and the same store. */
  restart(): Promise<void>;
  /** Lets it end by itself within the grace (10 seconds when left out), then kills it. */
  stop(graceSeconds?: number): Promise<void>;
}

const PORT_TRIES = 5;
const HOST = '127.0.0.1';

/**
 * Starts nats-server on 127.0.0.1 and waits until it serves. Rejects with `broker.port_taken` when a wanted port is in
 * use, with `broker.not_started` and the end of its log when it does not come up (an error in the configuration), and
 * with what {@link locateBroker} rejects.
 */
export async function startBroker(settings: BrokerSettings): Promise<RunningBroker> {
  const program = settings.program ?? (await locateBroker());
  const directory = resolve(settings.directory);
  await mkdir(directory, { recursive: true });
  const configFile = join(directory, 'broker.conf');
  await writeFile(configFile, settings.config, { mode: 0o600 });
  for (let attempt = 1; ; attempt += 1) {
    const port = settings.port ?? (await freePort());
    const monitorPort = settings.monitor === true ? await freePort() : undefined;
    const name = serverNameOf(directory);
    const running = brokerProcess(settings, program, name, directory, configFile, port, monitorPort);
    try {
      await start(running, port);
    } catch (error) {
      const another = error instanceof HoldfastError && error.code === 'broker.port_taken' && settings.port === undefined && attempt < PORT_TRIES;
      if (another) continue;
      throw error;
    }
    return {
      name,
      url: `nats://${HOST}:${port}`,
      port,
      monitorPort,
      program,
      logFile: running.logFile,
      get pid() {
        return running.pid;
      },
      kill: () => running.kill(),
      async restart() {
        await running.stop();
        await start(running, port);
      },
      async stop(graceSeconds) {
        await running.stop(graceSeconds);
      },
    };
  }
}

/**
 * By its name we know that it is ours that answers on the port, and not another that was quicker. It stays the same over
 * restarts, as JetStream expects.
 */
function serverNameOf(directory: string): string {
  return `holdfast-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`;
}

function brokerProcess(settings: BrokerSettings, program: LocatedBroker, serverName: string, directory: string, configFile: string, port: number, monitorPort: number | undefined): SupervisedProcess {
  return superviseProcess({
    name: 'nats-server',
    command: program.path,
    args: ['--config', configFile, '--addr', HOST, '--port', String(port), '--server_name', serverName, ...(monitorPort === undefined ? [] : ['--http_port', String(monitorPort)])],
    cwd: directory,
    logFile: settings.logFile ?? join(directory, 'broker.log'),
    ready: async () => nameOf(await firstBytesFrom(port)) === serverName,
    ...(settings.onUnexpectedExit === undefined ? {} : { onUnexpectedExit: settings.onUnexpectedExit }),
  });
}

/** The broker speaks first: `INFO {...}` on one line, with its name. */
function nameOf(bytes: Buffer | undefined): string | undefined {
  return /^INFO .*?"server_name":"([^"]*)"/.exec(bytes?.toString('utf8') ?? '')?.[1];
}

async function start(running: SupervisedProcess, port: number): Promise<void> {
  try {
    await running.start();
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    if (/address already in use/i.test(error.message)) {
      throw new HoldfastError({ code: 'broker.port_taken', message: `Another process listens on a port that the broker was to use (${port}).`, retryable: true, remedy: 'Stop the other process, or leave the port out and a free one is chosen.', cause: error });
    }
    throw new HoldfastError({ code: 'broker.not_started', message: error.message, retryable: false, remedy: error.remedy, cause: error });
  }
}
