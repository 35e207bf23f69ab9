import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { silentLog, type ToolLog } from '@holdfast/tool-sdk';
import { McpConnection } from './connection.js';

const program = (name: string): string[] => ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL(`${name}-server.fixture.ts`, import.meta.url))];
const outputLabel = { trust: 'third-party', secrecy: 'internal' } as const;

describe('the process of an MCP server', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-mcp-family-')); });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const connection = (manners: string): McpConnection => new McpConnection({
    name: 'family', log: silentLog, variables: { FAMILY_FOLDER: folder, FAMILY_MANNERS: manners },
    server: { stdio: { command: process.execPath, args: program('family'), env: ['FAMILY_FOLDER', 'FAMILY_MANNERS'] }, outputLabel, tools: {} },
  });
  /** A process identifier would also name a process that is dead and that nobody has waited for. */
  const lives = (who: string): Promise<boolean> => new Promise((resolve) => {
    const socket = connect(join(folder, `${who}.sock`), () => socket.destroy());
    socket.once('close', (isError) => resolve(!isError));
    socket.once('error', () => undefined);
  });
  const livesOn = async (who: string): Promise<boolean> => {
    for (let tries = 0; tries < 100 && (await lives(who)); tries += 1) await sleep(50);
    return lives(who);
  };

  it.each(['obedient', 'indifferent', 'stubborn'])('ends with everything that it started when the connection is closed, and it is %s', async (manners) => {
    const family = connection(manners);
    expect(await family.list()).toEqual([]);
    expect([await lives('server'), await lives('child')]).toEqual([true, true]);
    await family.close();
    expect([await livesOn('server'), await livesOn('child')]).toEqual([false, false]);
  });

  it('takes what it started along when it dies by itself, and the connection is known to be lost', async () => {
    const family = connection('dies');
    await expect(family.list()).rejects.toThrow('Connection closed');
    expect([await livesOn('server'), await livesOn('child')]).toEqual([false, false]);
    await family.close();
  });

  it('cannot flood the log, neither by standard error nor by what is no message, and what is left out is counted', async () => {
    const written: { readonly leftOut?: number }[] = [];
    const write = (fields: object): void => void written.push(fields);
    const log: ToolLog = { info: write, warn: write, error: write };
    const noisy = new McpConnection({ name: 'noisy', log, variables: {}, server: { stdio: { command: process.execPath, args: program('noisy'), env: [] }, outputLabel, tools: {} } });
    expect(await noisy.list()).toEqual([]);
    await noisy.close();
    const leftOut = written.reduce((sum, fields) => sum + (fields.leftOut ?? 0), 0);
    const told = written.filter((fields) => fields.leftOut === undefined);
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(500);
    expect(told.length + leftOut).toBe(10_000);
  });
});
