import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import { commonSettings, fileSetting, readCatalog, readSecret, readSettings } from './settings.js';

const NATS_URL = 'nats://127.0.0.1:4222';

function failure(act: () => unknown): HoldfastError {
  try {
    act();
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('settings', () => {
  const settings = commonSettings.extend({ HOLDFAST_CATALOG: fileSetting, HOLDFAST_MODEL_TIMEOUT_MS: z.coerce.number().int().positive().default(60_000) });

  it('have defaults for all but what only an operator can know', () => {
    expect(readSettings(settings, { NATS_URL, HOLDFAST_CATALOG: 'catalog.json' })).toEqual({
      NATS_URL, HOLDFAST_CATALOG: 'catalog.json', HOLDFAST_MODEL_TIMEOUT_MS: 60_000, HOLDFAST_PARTITIONS: 8, HOST: '127.0.0.1', PORT: 8080, HOLDFAST_METRICS_HOST: '127.0.0.1', LOG_LEVEL: 'info', HOLDFAST_ENVIRONMENT: 'development',
    });
  });

  it('are read as what they mean, and other variables are left alone', () => {
    expect(readSettings(settings, { NATS_URL, HOLDFAST_CATALOG: 'c', PORT: '0', HOLDFAST_PARTITIONS: '3', LOG_LEVEL: 'debug', PATH: '/bin' })).toMatchObject({ PORT: 0, HOLDFAST_PARTITIONS: 3, LOG_LEVEL: 'debug' });
    expect(readSettings(settings, { NATS_URL, HOLDFAST_CATALOG: 'c', PATH: '/bin' })).not.toHaveProperty('PATH');
  });

  it('that are wrong are all named at once, each once with its reason', () => {
    const error = failure(() => readSettings(settings, {
      NATS_URL: 'http://broker', HOLDFAST_NATS_SEED: 'secret', PORT: '70000', LOG_LEVEL: 'loud', HOLDFAST_PARTITIONS: '1.5', HOLDFAST_ENVIRONMENT: 'Prod!', HOLDFAST_MODEL_TIMEOUT_MS: 'soon',
    }));
    expect(error).toMatchObject({ code: 'settings.invalid', retryable: false });
    const named = error.message.split('\n').slice(1).map((line) => line.trim().split(':')[0]);
    expect(named.sort()).toEqual(['HOLDFAST_CATALOG', 'HOLDFAST_ENVIRONMENT', 'HOLDFAST_MODEL_TIMEOUT_MS', 'HOLDFAST_NATS_SEED', 'HOLDFAST_PARTITIONS', 'LOG_LEVEL', 'NATS_URL', 'PORT']);
    expect(error.message).toContain('HOLDFAST_CATALOG: is required');
    expect(error.message).toContain('NATS_URL: must be one or several nats:// addresses');
    expect(error.message).not.toContain('secret');
  });

  it.each(['', undefined])('that are %j are not set', (empty) => {
    expect(failure(() => readSettings(settings, { NATS_URL: empty, HOLDFAST_CATALOG: 'c' })).message).toContain('NATS_URL: is required');
    expect(readSettings(settings, { NATS_URL, HOLDFAST_CATALOG: 'c', PORT: empty, HOLDFAST_NATS_SEED: empty })).toMatchObject({ PORT: 8080 });
  });

  it('that contradict each other are named as a whole', () => {
    const together = settings.refine(({ PORT, HOST }) => PORT !== 80 || HOST !== '0.0.0.0', 'port 80 is for the proxy');
    expect(failure(() => readSettings(together, { NATS_URL, HOLDFAST_CATALOG: 'c', PORT: '80', HOST: '0.0.0.0' })).message).toContain('(settings): port 80 is for the proxy');
  });
});

describe('files that settings name', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  it('give a secret without the line’s end, unless it is given directly', () => {
    const path = file('seed', 'SUABC\n');
    expect(readSecret(undefined, path, 'SEED')).toBe('SUABC');
    expect(readSecret('SUXYZ', path, 'SEED')).toBe('SUXYZ');
    expect(readSecret(undefined, undefined, 'SEED')).toBeUndefined();
  });

  it('that hold no secret are an error that names the variable', () => {
    const expected = { code: 'settings.unreadable', retryable: false, message: expect.stringContaining('SEED_FILE') };
    expect(failure(() => readSecret(undefined, join(folder, 'absent'), 'SEED'))).toMatchObject(expected);
    expect(failure(() => readSecret(undefined, file('empty', ' \n'), 'SEED'))).toMatchObject(expected);
  });

  it('give the catalogue', () => {
    expect(readCatalog(file('catalog.json', JSON.stringify({ agents: [], tools: [] })))).toEqual({ agents: [], tools: [] });
  });

  it.each([
    ['is absent', undefined, 'catalog.unreadable'],
    ['is no JSON', '{', 'catalog.unreadable'],
    ['does not follow the contract', '{"agents": 1}', 'catalog.invalid'],
  ])('that should be a catalogue and %s is refused by name', (_, content, code) => {
    const path = content === undefined ? join(folder, 'no-catalog.json') : file('wrong.json', content);
    expect(failure(() => readCatalog(path))).toMatchObject({ code, retryable: false, message: expect.stringContaining(path) });
  });
});
