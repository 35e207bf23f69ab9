import { connect } from 'node:net';

const PROBE_MILLISECONDS = 2000;

/**
 * Connects to 127.0.0.1, sends the bytes if any, and answers the first bytes that come back; undefined when nobody
 * listens, nothing comes within two seconds, or the connection closes first.
 */
export function firstBytesFrom(port: number, host = '127.0.0.1', greeting?: Uint8Array): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const finish = (bytes?: Buffer): void => {
      socket.destroy();
      resolve(bytes);
    };
    socket.setTimeout(PROBE_MILLISECONDS, () => finish());
    socket.once('error', () => finish());
    socket.once('close', () => finish());
    socket.once('data', finish);
    if (greeting !== undefined) socket.once('connect', () => socket.write(greeting));
  });
}
