import { HoldfastError } from '@holdfast/contracts';
import { connect } from 'node:net';
import type { RunningDatabase } from './running-database.js';

const REACH_MILLISECONDS = 10_000;
const POSTGRES_PORT = 5432;

/** The server that DATABASE_URL names: it must be reachable, and is otherwise left to its owner. */
export async function useForeignDatabase(url: string): Promise<RunningDatabase> {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !['postgres:', 'postgresql:'].includes(address.protocol)) {
    throw new HoldfastError({ code: 'database.bad_url', message: 'DATABASE_URL is not an address of the form postgres://user:password@host:port/database.', retryable: false, remedy: 'Correct it, or unset it and a database is started for you.' });
  }
  // Without a host the address means a socket file, which only the client's library knows how to find.
  if (address.hostname !== '' && !(await listens(address))) {
    throw new HoldfastError({ code: 'database.unreachable', message: `Nobody answers at ${address.host}, which DATABASE_URL names.`, retryable: true, remedy: 'Start that server, or unset DATABASE_URL and a database is started for you.' });
  }
  const notOurs = (): Promise<never> => Promise.reject(new HoldfastError({ code: 'database.not_ours', message: 'The server that DATABASE_URL names is not ours to kill or restart.', retryable: false, remedy: 'Unset DATABASE_URL where the database is to be killed.' }));
  return { url, source: 'environment', pid: undefined, fallbackReason: undefined, stop: () => Promise.resolve(), kill: notOurs, restart: notOurs };
}

function listens(address: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = address.hostname.replace(/^\[(.*)\]$/, '$1');
    const socket = connect({ host, port: address.port === '' ? POSTGRES_PORT : Number(address.port) });
    const finish = (reached: boolean): void => {
      socket.destroy();
      resolve(reached);
    };
    socket.setTimeout(REACH_MILLISECONDS, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('connect', () => finish(true));
  });
}
