import { agree } from './agree.js';
import { Gateway, gatewaySettings } from './gateway.js';
import { findConnection } from './local/connection.js';
import { run } from './program.js';

// Whoever reads our output may be gone (`| head`).
for (const stream of [process.stdout, process.stderr]) stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await run(
  process.argv.slice(2),
  {
    gateway: () => new Gateway(gatewaySettings(process.env, () => findConnection(process.cwd()))),
    terminal: {
      out: (line) => process.stdout.write(`${line}\n`), write: (text) => process.stdout.write(text), note: (line) => process.stderr.write(`${line}\n`),
      ask: process.stdin.isTTY && process.stderr.isTTY ? (question) => agree(question, process.stdin, process.stderr) : undefined,
      columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    },
  },
  (line) => process.stderr.write(`${line}\n`),
);
