import { mkdtemp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { installWheel } from './install-wheel.js';
import { currentPlatform } from './pin.js';
import { pinOf, serveIndex, zipOf, type LocalIndex } from './wheel.fixture.js';

const WHEEL = zipOf([{ name: 'sample_tool/bin/tool', content: '#!/bin/sh\n', mode: 0o100755 }, { name: 'sample_tool/data', content: 'one' }, { name: 'sample_tool/unwanted', content: 'x' }]);
const PIN = pinOf(WHEEL);
const { filename } = PIN.wheels['linux-x64'];
const place = (name: string): string | undefined => (name.endsWith('unwanted') ? undefined : name.slice('sample_tool/'.length));
const FOLDER = `sample-tool-1.0.0-${currentPlatform()}`;

describe('installing a pinned wheel', () => {
  let cache: string;
  let index: LocalIndex | undefined;
  const lines: string[] = [];

  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'holdfast-wheels-'));
    lines.length = 0;
  });
  afterEach(async () => {
    await index?.close();
    index = undefined;
    await rm(cache, { recursive: true });
  });

  const install = (pin = PIN): Promise<string> => installWheel(pin, place, {
    // An empty search path: nothing but the index may help.
    environment: { HOLDFAST_CACHE: cache, PATH: '', PIP_INDEX_URL: index?.url ?? 'http://127.0.0.1:9/simple' },
    report: (line) => void lines.push(line),
  });

  it.each(['json', 'html'] as const)('reads an index in %s and unpacks the chosen files', async (format) => {
    index = await serveIndex(WHEEL, format, filename);
    const folder = await install();
    expect(folder).toBe(join(cache, FOLDER));
    expect((await readdir(folder)).sort()).toEqual(['bin', 'data', 'manifest.json']);
    expect((await stat(join(folder, 'bin', 'tool'))).mode & 0o111).not.toBe(0);
    expect(await readdir(cache)).toEqual([FOLDER]);
    expect(lines).toEqual(['Obtaining sample-tool 1.0.0 (once, into the cache).']);
  });

  it('does not ask the index again for what is in the cache', async () => {
    index = await serveIndex(WHEEL, 'json', filename);
    await install();
    const asked = index.requests.length;
    await install();
    expect(index.requests).toHaveLength(asked);
  });

  it('refuses a file with another digest and leaves nothing behind', async () => {
    index = await serveIndex(zipOf([{ name: 'sample_tool/bin/tool', content: 'evil' }]), 'json', filename);
    await expect(install()).rejects.toMatchObject({ code: 'wheel.wrong_digest', retryable: false });
    expect(await readdir(cache)).toEqual([]);
  });

  it.each([
    ['changed', (folder: string) => writeFile(join(folder, 'data'), 'two')],
    ['missing', (folder: string) => rm(join(folder, 'bin', 'tool'))],
    ['without its record', (folder: string) => writeFile(join(folder, 'manifest.json'), '{')],
  ])('replaces a cached installation that is %s', async (_what, damage) => {
    index = await serveIndex(WHEEL, 'json', filename);
    const folder = await install();
    await damage(folder);
    expect(await install()).toBe(folder);
    expect(await readFile(join(folder, 'data'), 'utf8')).toBe('one');
    expect(await readFile(join(folder, 'bin', 'tool'), 'utf8')).toBe('#!/bin/sh\n');
    expect(await readdir(cache)).toEqual([FOLDER]);
  });

  it('removes what an interrupted installation left, with the lock of its dead process', async () => {
    index = await serveIndex(WHEEL, 'json', filename);
    await mkdir(join(cache, `${FOLDER}.partial-0011`));
    await writeFile(join(cache, `${FOLDER}.partial-0011`, 'half'), '');
    await writeFile(join(cache, `${FOLDER}.lock`), JSON.stringify({ pid: 4_194_999, startTime: '1', boot: 'another', namespace: 'x' }));
    await install();
    expect(await readdir(cache)).toEqual([FOLDER]);
  });

  it('happens once when two ask side by side', async () => {
    index = await serveIndex(WHEEL, 'json', filename);
    const folders = await Promise.all([install(), install(), install()]);
    expect(new Set(folders)).toEqual(new Set([join(cache, FOLDER)]));
    expect(index.requests.filter((path) => path.endsWith('.whl'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('Another process'))).toHaveLength(2);
  });

  it('says all that was tried when the index is dead and pip is missing', async () => {
    await expect(install()).rejects.toMatchObject({ code: 'wheel.unobtainable', retryable: true, message: expect.stringMatching(/127\.0\.0\.1:9 could not be read: .*pip is not installed/s) });
    expect(await readdir(cache)).toEqual([]);
  });

  it('says so when the cache cannot be written', async () => {
    await writeFile(join(cache, 'file'), '');
    await expect(installWheel(PIN, place, { environment: { HOLDFAST_CACHE: join(cache, 'file', 'below'), PATH: '' } })).rejects.toMatchObject({ code: 'cache.unwritable' });
  });

  it('refuses links in a wheel', async () => {
    const wheel = zipOf([{ name: 'sample_tool/link', content: '/etc/passwd', mode: 0o120777 }]);
    index = await serveIndex(wheel, 'json', filename);
    await expect(install(pinOf(wheel))).rejects.toMatchObject({ code: 'wheel.unsafe_entry' });
  });

  it('does not show the login of an index', async () => {
    const environment = { HOLDFAST_CACHE: cache, PATH: '', PIP_INDEX_URL: 'http://user:secret@127.0.0.1:9/simple' };
    const error: unknown = await installWheel(PIN, place, { environment, report: () => undefined }).catch((reason: unknown) => reason);
    expect(String(error)).toContain('127.0.0.1:9');
    expect(String(error)).not.toContain('secret');
  });
});
