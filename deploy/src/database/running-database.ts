import type { ProcessExit } from '../process/index.js';

/** `environment`: the server that DATABASE_URL names. `wheel`: Postgres 16 as our child. `pglite`: Postgres in WebAssembly. */
export type DatabaseSource = 'environment' | 'wheel' | 'pglite';

export interface RunningDatabase {
  /** With login; of a user who may create the extension `vector`. */
  readonly url: string;
  readonly source: DatabaseSource;
  /** Undefined while it does not run, and for a server that is not ours. */
  readonly pid: number | undefined;
  /** Why a better source was not used, where one was tried. */
  readonly fallbackReason: string | undefined;
  /** Lets it end by itself within ten seconds, then kills it. Does nothing to a server that is not ours. */
  stop(): Promise<void>;
  /** SIGKILL, and waits until it is gone. Rejects with `database.not_ours` for a server that is not ours. */
  kill(): Promise<void>;
  /** Starts it again, after stopping it where it runs, on the same port and the same data. */
  restart(): Promise<void>;
}

export interface DatabaseSettings {
  /** Holds data, password and log; created when missing. A folder that was used before is used again. */
  readonly directory: string;
  /** Ours when left out. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Told in one line what takes time; written to standard error when left out. */
  readonly report?: (line: string) => void;
  /** Called when a database of ours ends though nobody asked this handle for it. */
  readonly onUnexpectedExit?: (exit: ProcessExit) => void;
}
