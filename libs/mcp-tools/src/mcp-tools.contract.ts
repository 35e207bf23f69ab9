import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ToolOutcome } from '@holdfast/contracts';
import { InMemoryEffectStore, Ledger, ToolGuards, executeCall, type ToolSet } from '@holdfast/tool-sdk';
import { mcpTools, snapshotMcp } from './mcp-tools.js';
import { parseMcpOverlay, type McpOverlay } from './overlay.js';

/** The program of a reference server as npm has it. */
const program = (server: string): string => createRequire(import.meta.url).resolve(`@modelcontextprotocol/server-${server}/dist/index.js`);
const label = { trust: 'third-party', secrecy: 'internal' };

describe('MCP servers', () => {
  let folder: string;
  const sets: ToolSet[] = [];
  const children: ChildProcess[] = [];
  let ledger: Ledger;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-mcp-')));
    ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'worker' });
  });
  afterEach(async () => {
    await Promise.all(sets.splice(0).map((set) => set.close?.()));
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const overlayOf = (servers: unknown): McpOverlay => parseMcpOverlay(JSON.stringify({ servers }), 'overlay');
  const open = async (overlay: McpOverlay, variables: Record<string, string> = {}): Promise<ToolSet> => {
    const contracts = await snapshotMcp(overlay, variables);
    const set = mcpTools({ overlay, contracts, variables });
    sets.push(set);
    return set;
  };
  const call = (set: ToolSet, name: string, args: unknown, callId = 'c1-1'): Promise<ToolOutcome> => {
    const tool = set.tools.find((one) => one.name === name);
    if (tool === undefined) throw new RangeError(`${name} is not callable`);
    return executeCall({ tool, args, tenant: 'acme', runId: 'run-1', callId }, { ledger, guards: new ToolGuards(), random: () => 0 });
  };
  const stdio = (server: string, ...args: readonly string[]) => ({ command: process.execPath, args: [program(server), ...args] });

  it('files: the reference server reads and writes in the real file system, and nothing else of it can be called', async () => {
    await writeFile(join(folder, 'a.txt'), 'hello');
    const set = await open(overlayOf({ files: { stdio: stdio('filesystem', folder), outputLabel: label, tools: {
      read_text_file: { effect: 'read', roles: { path: 'target', head: 'enum', tail: 'enum' } },
      write_file: { effect: 'idempotent', identity: ['path', 'content'], roles: { path: 'target', content: 'content' } },
    } } }));

    expect(set.tools.map(({ name }) => name)).toEqual(['files_read_text_file', 'files_write_file']);
    expect(await call(set, 'files_read_text_file', { path: join(folder, 'a.txt') })).toMatchObject({ status: 'succeeded', result: { content: 'hello' } });
    expect(await call(set, 'files_write_file', { path: join(folder, 'b.txt'), content: 'world' }, 'c1-2')).toMatchObject({ status: 'succeeded' });
    expect(readFileSync(join(folder, 'b.txt'), 'utf8')).toBe('world');
    expect(await call(set, 'files_read_text_file', { path: '/etc/passwd' }, 'c1-3')).toMatchObject({ status: 'failed', failure: { code: 'mcp.tool-error', message: expect.stringMatching(/denied/i) } });
    expect(await call(set, 'files_read_text_file', { path: 7 }, 'c1-4')).toMatchObject({ status: 'failed', failure: { code: 'tool.input-invalid', message: expect.stringContaining('"path"') } });
  });

  it('memory: the reference server keeps entities in its own file', async () => {
    const file = join(folder, 'memory.json');
    const set = await open(overlayOf({ graph: { stdio: { ...stdio('memory'), env: ['MEMORY_FILE_PATH'] }, outputLabel: label, tools: {
      create_entities: { effect: 'idempotent', identity: ['entities'], roles: { entities: 'content' } },
      read_graph: { effect: 'read', roles: {} },
    } } }), { MEMORY_FILE_PATH: file });
    const entities = [{ name: 'Kestrel', entityType: 'supplier', observations: ['sells paper'] }];
    expect(await call(set, 'graph_create_entities', { entities })).toMatchObject({ status: 'succeeded' });
    expect(await call(set, 'graph_create_entities', { entities }, 'c1-2')).toMatchObject({ status: 'succeeded', replayed: true });
    expect(readFileSync(file, 'utf8').match(/Kestrel/g)).toHaveLength(1);
    expect(await call(set, 'graph_read_graph', {}, 'c1-3')).toMatchObject({ status: 'succeeded', result: { entities: [expect.objectContaining({ name: 'Kestrel' })] } });
  });

  const everything = { echo: { effect: 'read', roles: { message: 'content' } }, 'get-tiny-image': { effect: 'read', roles: {} } };

  it('everything: over stdio, with binary content named by its digest', async () => {
    const set = await open(overlayOf({ all: { stdio: stdio('everything'), outputLabel: label, tools: everything } }));
    expect(await call(set, 'all_echo', { message: 'hi' })).toMatchObject({ status: 'succeeded', result: { content: [{ type: 'text', text: 'Echo: hi' }] } });
    const image = await call(set, 'all_get-tiny-image', {}, 'c1-2');
    expect(image).toMatchObject({ status: 'succeeded', result: { content: expect.arrayContaining([{ type: 'image', mimeType: 'image/png', bytes: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]) } });
  });

  it('everything: over streamable HTTP, through a restart of the server', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/mcp`;
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [program('everything'), 'streamableHttp'], { env: { PATH: process.env['PATH'], PORT: String(port) }, stdio: 'ignore' });
      children.push(child);
      for (let tries = 0; tries < 200; tries += 1) {
        if (await fetch(url).then(() => true, () => false)) return child;
        await sleep(50);
      }
      throw new Error('the server does not listen');
    };
    const first = await start();
    const set = await open(overlayOf({ all: { http: { url }, outputLabel: label, tools: { echo: { ...everything.echo, timeoutMs: 5_000, retry: { attempts: 8, baseDelayMs: 50, maxDelayMs: 500 } } } } }));
    expect(await call(set, 'all_echo', { message: 'one' })).toMatchObject({ status: 'succeeded' });
    first.kill('SIGKILL');
    const second = await start();
    const [source] = set.sources ?? [];
    const described = async (): Promise<readonly string[]> => (await source?.describe())?.map(({ name }) => name) ?? [];
    // The old session is noticed once, and the next question begins a new one.
    expect(await described().catch(described)).toEqual(['all_echo']);
    second.kill('SIGKILL');
    await start();
    expect(await call(set, 'all_echo', { message: 'two' }, 'c1-2')).toMatchObject({ status: 'succeeded', result: { content: [{ text: 'Echo: two' }] } });
  });

  describe('that lie and die', () => {
    const lying = (effect: string, more: object = {}): McpOverlay => overlayOf({ bank: {
      stdio: { command: process.execPath, args: ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('lying-server.fixture.ts', import.meta.url))], env: ['LYING_FOLDER'] }, outputLabel: label,
      tools: { pay: { effect, ...(effect === 'read' ? {} : { identity: ['invoice'] }), operationKeyArgument: 'requestId', roles: { invoice: 'target' }, description: 'Pays an invoice.', timeoutMs: 2_000, retry: { attempts: 4, baseDelayMs: 20, maxDelayMs: 400 }, ...more } },
    } });
    const variables = (): Record<string, string> => ({ LYING_FOLDER: folder });
    const mood = (name: string): void => writeFileSync(join(folder, name), '');
    const effects = (): number => (existsSync(join(folder, 'effects')) ? readFileSync(join(folder, 'effects'), 'utf8').trim().split('\n').length : 0);

    it('are believed in nothing that they say of their tools', async () => {
      const [contract] = await snapshotMcp(lying('keyed'), variables());
      expect(contract).toMatchObject({ name: 'bank_pay', effect: 'keyed', description: 'Pays an invoice.', identity: ['invoice'] });
      expect(Object.keys(contract?.input['properties'] as object)).toEqual(['invoice']);
    });

    it.each(['die-after', 'die-before', 'hang'])('end as one effect with the same key, when it is keyed and they %s', async (how) => {
      const set = await open(lying('keyed'), variables());
      mood(how);
      expect(await call(set, 'bank_pay', { invoice: 'i-7' })).toMatchObject({ status: 'succeeded', result: { payment: 'p-i-7' } });
      expect(effects()).toBe(1);
    });

    it.each([['die-after', 1], ['die-before', 0], ['hang', 0], ['fail', 0]] as const)('end in doubt when it can only be tried once and they %s', async (how, done) => {
      const set = await open(lying('at-most-once'), variables());
      mood(how);
      expect(await call(set, 'bank_pay', { invoice: 'i-7' })).toMatchObject({ status: 'in-doubt' });
      expect(effects()).toBe(done);
    });

    it('are believed when they say that they failed only as far as the operator does', async () => {
      const set = await open(lying('at-most-once', { errorsMean: 'refused' }), variables());
      mood('fail');
      expect(await call(set, 'bank_pay', { invoice: 'i-7' })).toMatchObject({ status: 'failed', failure: { code: 'mcp.tool-error', message: expect.stringContaining('the bank is closed') } });
    });

    it('let no result through that violates its schema, and do not act again for it', async () => {
      const set = await open(lying('keyed'), variables());
      mood('invalid');
      const outcome = await call(set, 'bank_pay', { invoice: 'i-7' });
      expect(outcome).toMatchObject({ status: 'failed', failure: { code: 'tool.output-invalid', message: expect.stringContaining('"payment" must be string') } });
      expect(await call(set, 'bank_pay', { invoice: 'i-7' }, 'c1-2')).toEqual(outcome);
      expect(effects()).toBe(1);
    });

    it('are heard when their tools change, and described as they are then', async () => {
      const set = await open(lying('keyed'), variables());
      const [source] = set.sources ?? [];
      const [before] = (await source?.describe()) ?? [];
      let changes = 0;
      await sleep(100);
      source?.onChange?.(() => { changes += 1; });
      mood('changed');
      mood('announce');
      for (let tries = 0; tries < 100 && changes === 0; tries += 1) await sleep(50);
      const [after] = (await source?.describe()) ?? [];
      expect(changes).toBeGreaterThan(0);
      expect(before?.digest).toBe(set.tools[0]?.contract.digest);
      expect(after?.digest).not.toBe(before?.digest);
    });

    it('that do not finish their greeting are certainly not done, also where nothing may be tried twice', async () => {
      const overlay = lying('at-most-once', { timeoutMs: 600, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 } });
      const contracts = await snapshotMcp(overlay, variables());
      const [bank] = Object.values(overlay.servers);
      const mute = { servers: { bank: { ...bank, stdio: { command: 'sleep', args: ['30'], env: [] } } } } as McpOverlay;
      const set = mcpTools({ overlay: mute, contracts, variables: {} });
      sets.push(set);
      expect(await call(set, 'bank_pay', { invoice: 'i-7' })).toMatchObject({ status: 'failed', failure: { code: 'mcp.unreachable', message: expect.stringContaining('in time') } });
    });

    it('that are not there are certainly not done, and told by name', async () => {
      const overlay = lying('at-most-once');
      const contracts = await snapshotMcp(overlay, variables());
      const [bank] = Object.values(overlay.servers);
      const gone = { servers: { bank: { ...bank, stdio: { command: '/nowhere/server', args: [], env: [] } } } } as McpOverlay;
      const set = mcpTools({ overlay: gone, contracts, variables: {} });
      sets.push(set);
      expect(await call(set, 'bank_pay', { invoice: 'i-7' })).toMatchObject({ status: 'failed', failure: { code: 'mcp.unreachable', message: expect.stringContaining('"bank"') } });
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
