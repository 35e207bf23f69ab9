/**
 * Postgres in WebAssembly behind a socket, for machines where no native Postgres can be had. It has one backend for all
 * connections, knows one database only, and lets every local client in.
 * Arguments: the data folder, the port of 127.0.0.1.
 */
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const [dataDir, port] = process.argv.slice(2);
const database = await PGlite.create({ dataDir, extensions: { vector } });
const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: Number(port), maxConnections: 100 });

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  await server.stop();
  await database.close();
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  await server.start();
} catch (error) {
  console.error(`pglite: ${error.message}`);
  process.exit(1);
}
