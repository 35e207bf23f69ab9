import { firstBytesFrom } from '../process/index.js';

const PROTOCOL_3_0 = 196_608;

/** A client's first message: length, protocol version, then pairs of zero-ended names and values (Postgres manual, "Message Formats"). */
function startupMessage(user: string, database: string): Buffer {
  const parameters = Buffer.from(['user', user, 'database', database, ''].map((text) => `${text}\0`).join(''));
  const header = Buffer.alloc(8);
  header.writeInt32BE(8 + parameters.length, 0);
  header.writeInt32BE(PROTOCOL_3_0, 4);
  return Buffer.concat([header, parameters]);
}

/**
 * Whether a Postgres accepts sessions at this port: it asks who we are (or lets us in). While it starts or recovers it
 * listens already and answers with an error.
 */
export async function serves(port: number, user: string, database: string): Promise<boolean> {
  const answer = await firstBytesFrom(port, '127.0.0.1', startupMessage(user, database));
  return answer?.toString('latin1', 0, 1) === 'R';
}
