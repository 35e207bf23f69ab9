import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HoldfastError } from '@holdfast/contracts';
import { freePort, superviseProcess } from '../process/index.js';
import type { DatabaseSettings, RunningDatabase } from './running-database.js';
import { serves } from './serves.js';

const USER = 'postgres';
const PORT_TRIES = 5;
/** Creating one takes 2 to 5 seconds on an idle machine. */
const READY_SECONDS = 90;

/** The same relative place from the sources and from `dist`; plain JavaScript, so that it needs no build. */
const SERVER = fileURLToPath(new URL('../../children/pglite-server.mjs', import.meta.url));

/** Starts PGlite with pgvector in a child process on a free port of 127.0.0.1. */
export async function startPglite(settings: DatabaseSettings, directory: string, fallbackReason?: string): Promise<RunningDatabase> {
  await mkdir(directory, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const running = superviseProcess({
      name: 'pglite',
      command: process.execPath,
      args: [SERVER, join(directory, 'pglite'), String(port)],
      logFile: join(directory, 'pglite.log'),
      ready: () => serves(port, USER, 'postgres'),
      readySeconds: READY_SECONDS,
      ...(settings.onUnexpectedExit === undefined ? {} : { onUnexpectedExit: settings.onUnexpectedExit }),
    });
    try {
      await running.start();
    } catch (error) {
      if (attempt < PORT_TRIES && error instanceof HoldfastError && error.message.includes('EADDRINUSE')) continue;
      throw error;
    }
    return {
      url: `postgres://${USER}:unchecked@127.0.0.1:${port}/postgres`,
      source: 'pglite',
      fallbackReason,
      get pid() {
        return running.pid;
      },
      kill: () => running.kill(),
      async stop() {
        await running.stop();
      },
      restart: () => running.restart(),
    };
  }
}
