import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { silentLog } from '@holdfast/tool-sdk';
import { McpConnection } from './connection.js';

const FAMILY = fileURLToPath(new URL('family-server.fixture.ts', import.meta.url));

describe('the process of an MCP server', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-mcp-family-')); });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const connection = (manners: string): McpConnection => new McpConnection({
    name: 'family', log: silentLog, variables: { FAMILY_FOLDER: folder, FAMILY_MANNERS: manners },
    server: { stdio: { command: process.execPath, args: ['--disable-warning=ExperimentalWarning', FAMILY], env: ['FAMILY_FOLDER', 'FAMILY_MANNERS'] }, outputLabel: { trust: 'third-party', secrecy: 'internal' }, tools: {} },
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
});
