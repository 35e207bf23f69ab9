import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/**
 * A server that starts a child, which holds the server's standard output and ignores SIGTERM. Both listen on a socket in the
 * folder for as long as they live, but never longer than a minute. `FAMILY_MANNERS` says what the server does when its input ends.
 */
const folder = process.env['FAMILY_FOLDER'] ?? '.';
const manners = process.env['FAMILY_MANNERS'];
const LONGEST_LIFE_MS = 60_000;
const CHILD = `
  process.on('SIGTERM', () => undefined);
  setTimeout(() => process.exit(), ${LONGEST_LIFE_MS});
  require('node:net').createServer((socket) => socket.end()).listen(process.argv[1], () => process.send('listening'));
`;

const child = spawn(process.execPath, ['-e', CHILD, join(folder, 'child.sock')], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
await new Promise((resolve) => child.once('message', resolve));
await new Promise<void>((resolve) => createServer((socket) => socket.end()).listen(join(folder, 'server.sock'), resolve));
setTimeout(() => process.exit(), LONGEST_LIFE_MS);

const server = new Server({ name: 'family', version: '1.0.0' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => {
  if (manners === 'dies') process.kill(process.pid, 'SIGKILL');
  return { tools: [] };
});
if (manners === 'obedient') process.stdin.once('end', () => process.exit());
if (manners === 'stubborn') process.on('SIGTERM', () => undefined);
await server.connect(new StdioServerTransport());
