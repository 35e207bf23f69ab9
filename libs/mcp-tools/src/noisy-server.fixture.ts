import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** A server that, asked for its tools, writes 5,000 lines to standard error and 5,000 that are no messages to standard output, and logs as often. */
const TIMES = 5_000;
const server = new Server({ name: 'noisy', version: '1.0.0' }, { capabilities: { tools: {}, logging: {} } });
server.setRequestHandler(ListToolsRequestSchema, async () => {
  process.stderr.write(Array.from({ length: TIMES }, (_, line) => `complaint ${line}\n`).join(''));
  process.stdout.write('This is no message.\n'.repeat(TIMES));
  for (let times = 0; times < TIMES; times += 1) await server.sendLoggingMessage({ level: 'error', data: 'a notification' });
  return { tools: [] };
});
process.stdin.once('end', () => process.exit());
await server.connect(new StdioServerTransport());
