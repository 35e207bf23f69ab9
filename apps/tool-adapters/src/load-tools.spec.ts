import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noWorkers, silentLog, type ToolEnvironment } from '@holdfast/tool-sdk';
import { loadTools } from './load-tools.js';

describe('loading a module of tools', () => {
  let folder: string;
  const variables: Record<string, string | undefined> = {};
  const environment: ToolEnvironment = { variables, searchMemory: () => Promise.resolve({ passages: [] }), remember: () => Promise.reject(new Error('Nothing is remembered here.')), workers: noWorkers, log: silentLog };
  const moduleOf = async (name: string, text: string): Promise<string> => {
    const file = join(folder, `${name}.mjs`);
    await writeFile(file, text);
    return file;
  };

  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-tools-')); });
  afterEach(() => rm(folder, { recursive: true }));

  it('takes tools that are there at once, from a module that has nothing to close', async () => {
    const loaded = await loadTools(await moduleOf('plain', `export const tools = () => [{ name: 'a' }];`), environment);
    expect(loaded.tools).toEqual([{ name: 'a' }]);
    await expect(loaded.close?.()).resolves.toBeUndefined();
  });

  it('waits for tools that have to connect first, and closes them when told', async () => {
    const text = `let own; export const tools = async ({ variables }) => { own = variables; return { tools: [{ name: 'b' }], close: async () => { own.CLOSED = 'yes'; } }; };`;
    const loaded = await loadTools(await moduleOf('connected', text), environment);
    expect(loaded.tools).toEqual([{ name: 'b' }]);
    expect(variables['CLOSED']).toBeUndefined();
    await loaded.close?.();
    expect(variables['CLOSED']).toBe('yes');
  });

  it('names the file that cannot be loaded', async () => {
    await expect(loadTools(join(folder, 'missing.mjs'), environment)).rejects.toMatchObject({ code: 'settings.tools-unreadable' });
  });
});
