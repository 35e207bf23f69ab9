import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';
import { identityOf } from '../../bootstrap/process-identity.mjs';
import { spawnGuarded } from '../../bootstrap/watchdog.mjs';

/** `ended`: it ended without being asked to. */
export type ProcessState = 'stopped' | 'starting' | 'ready' | 'stopping' | 'ended';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessSettings {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment of the process; ours when left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Output and errors are appended here. A file beside it, ending in `.pid.json`, tells which process runs. */
  readonly logFile: string;
  /** Asked until it answers true; a rejection counts as false. Without it a started process is ready at once. */
  readonly ready?: () => Promise<boolean>;
  /** How long `start` waits for `ready`; 30 when left out. */
  readonly readySeconds?: number;
  /** What asks the process to end by itself; SIGTERM when left out. */
  readonly stopSignal?: NodeJS.Signals;
  /** The user and group that the process runs as, where we may choose. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Called when the process ends though nobody asked this handle for it. Starting it again is the caller's choice. */
  readonly onUnexpectedExit?: (exit: ProcessExit) => void;
}

/** A process that can be started again under the same handle. Whatever happens to us, it does not outlive us. */
export interface SupervisedProcess {
  readonly name: string;
  readonly state: ProcessState;
  /** Of the process itself, not of a wrapper; undefined while none runs. */
  readonly pid: number | undefined;
  readonly logFile: string;
  /** How the last process ended. */
  readonly lastExit: ProcessExit | undefined;
  /** Asks the process whether it is ready now; false as well while none runs. */
  isReady(): Promise<boolean>;
  /** Resolves when ready. Rejects with `process.ended_early`, `process.not_ready` or `process.already_running`. */
  start(): Promise<void>;
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>;
  /** Asks the process to end, and after the grace (10 seconds when left out) kills it. True when it ended by itself. */
  stop(graceSeconds?: number): Promise<boolean>;
  /** Stops it if it runs, and starts it. */
  restart(): Promise<void>;
}

const POLL_MILLISECONDS = 20;
const LOG_LINES_SHOWN = 15;

/** A handle for one process; nothing is started yet. */
export function superviseProcess(settings: ProcessSettings): SupervisedProcess {
  return new Supervisor(settings);
}

class Supervisor implements SupervisedProcess {
  state: ProcessState = 'stopped';
  lastExit: ProcessExit | undefined;
  #child: ChildProcess | undefined;
  #ended: Promise<ProcessExit> | undefined;

  constructor(private readonly settings: ProcessSettings) {}

  get name(): string {
    return this.settings.name;
  }

  get logFile(): string {
    return this.settings.logFile;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async isReady(): Promise<boolean> {
    if (this.#child === undefined) return false;
    return this.settings.ready === undefined || this.settings.ready().catch(() => false);
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) {
      throw new HoldfastError({ code: 'process.already_running', message: `${this.name} is running already.`, retryable: false, remedy: 'Stop it first, or call restart.' });
    }
    this.state = 'starting';
    mkdirSync(dirname(this.logFile), { recursive: true });
    const logStart = sizeOf(this.logFile);
    const ended = this.#spawn();
    try {
      await this.#untilReady(ended, logStart);
    } catch (error) {
      await this.kill();
      throw error;
    }
    this.state = 'ready';
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(graceSeconds = 10): Promise<boolean> {
    const ended = this.#end(this.settings.stopSignal ?? 'SIGTERM');
    const impatience = new AbortController();
    const late = sleep(graceSeconds * 1000, true, { signal: impatience.signal }).catch(() => false);
    const byItself = await Promise.race([ended.then(() => true), late.then(() => false)]);
    impatience.abort();
    if (!byItself) await this.kill();
    return byItself;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child === undefined) {
      this.state = 'stopped';
      return;
    }
    this.state = 'stopping';
    this.#child.kill(signal);
    await this.#ended;
  }

  #spawn(): Promise<ProcessExit> {
    const { command, args = [], env, cwd, user } = this.settings;
    const log = openSync(this.logFile, 'a', 0o600);
    let child: ChildProcess;
    try {
      child = spawnGuarded(command, args, { stdio: ['ignore', log, log], ...(env === undefined ? {} : { env }), ...(cwd === undefined ? {} : { cwd }), ...user });
    } finally {
      closeSync(log);
    }
    this.#child = child;
    const ended = new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) => resolve(this.#onExit(child, { code, signal })));
      child.once('error', () => child.pid === undefined && resolve(this.#onExit(child, { code: null, signal: null })));
    });
    this.#ended = ended;
    this.#recordIdentity(child.pid);
    return ended;
  }

  #onExit(child: ChildProcess, exit: ProcessExit): ProcessExit {
    if (this.#child !== child) return exit;
    const wasReady = this.state === 'ready';
    this.#child = undefined;
    this.lastExit = exit;
    this.state = this.state === 'stopping' ? 'stopped' : 'ended';
    rmSync(this.#identityFile, { force: true });
    if (wasReady) this.settings.onUnexpectedExit?.(exit);
    return exit;
  }

  async #untilReady(ended: Promise<ProcessExit>, logStart: number): Promise<void> {
    const { ready, readySeconds = 30 } = this.settings;
    const deadline = performance.now() + readySeconds * 1000;
    let exit: ProcessExit | undefined;
    const noted = ended.then((value) => (exit = value));
    while (exit === undefined) {
      const isReady = ready === undefined || (await Promise.race([ready().catch(() => false), noted.then(() => false)]));
      if (isReady && exit === undefined) return;
      if (performance.now() > deadline) {
        throw new HoldfastError({ code: 'process.not_ready', message: `${this.name} was not ready within ${readySeconds} seconds.${this.#logSince(logStart)}`, retryable: true, remedy: `Read ${this.logFile}.` });
      }
      await Promise.race([sleep(POLL_MILLISECONDS), noted]);
    }
    throw new HoldfastError({ code: 'process.ended_early', message: `${this.name} ended with ${exit.signal ?? `code ${exit.code}`} before it was ready.${this.#logSince(logStart)}`, retryable: true, remedy: `Read ${this.logFile}.` });
  }

  get #identityFile(): string {
    return join(dirname(this.logFile), `${basename(this.logFile, '.log')}.pid.json`);
  }

  #recordIdentity(pid: number | undefined): void {
    const identity = pid === undefined ? undefined : identityOf(pid);
    if (identity !== undefined) writeFileSync(this.#identityFile, JSON.stringify(identity), { mode: 0o600 });
  }

  #logSince(offset: number): string {
    const text = readFileSync(this.logFile).subarray(offset).toString('utf8').trim();
    return text === '' ? '' : `\n${text.split('\n').slice(-LOG_LINES_SHOWN).join('\n')}`;
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
