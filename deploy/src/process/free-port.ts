import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Systems give the ports from 32,768 (Linux) or 49,152 (RFC 6335) on to connections that go out, at any moment; none of these is
 * taken, so that only another server can come before the one that is about to listen.
 */
const [LEAST, MOST] = [15_000, 32_767] as const;
const TRIES = 200;

/**
 * A port of 127.0.0.1 that nobody listened on a moment ago. Another server may take it before it is used: whoever starts
 * one on it must be ready to try another.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const port = randomInt(LEAST, MOST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${TRIES} ports of 127.0.0.1 between ${LEAST} and ${MOST} is free.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
