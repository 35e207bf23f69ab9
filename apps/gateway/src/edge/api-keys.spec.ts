import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiKeys, hasRole, type ApiRole } from './api-keys.js';

const hash = (key: string): string => createHash('sha256').update(key).digest('hex');
const ada = { name: 'ada', tenant: 'acme', roles: ['approver' as const], sha256: hash('one') };
const bob = { name: 'bob', tenant: 'globex', roles: ['admin' as const], sha256: hash('two') };

describe('API keys', () => {
  it('know who presents a key', () => {
    const keys = new ApiKeys([ada, bob]);

    expect([keys.authenticate('Bearer one')?.name, keys.authenticate('bearer two')?.tenant]).toEqual(['ada', 'globex']);
  });

  it.each([undefined, '', 'one', 'Bearer', 'Bearer ', 'Basic one', 'Bearer three', 'Bearer one two', `Bearer ${hash('one')}`, `Bearer ${'x'.repeat(10_000)}`])('do not know %p', (header) => {
    expect(new ApiKeys([ada, bob]).authenticate(header)).toBeUndefined();
  });

  it.each([
    ['viewer', ['viewer']],
    ['operator', ['viewer', 'operator']],
    ['approver', ['viewer', 'approver']],
    ['admin', ['viewer', 'operator', 'approver', 'admin']],
  ] as const)('with the role %s may do what %p may', (role, allowed) => {
    const roles: readonly ApiRole[] = ['viewer', 'operator', 'approver', 'admin'];

    expect(roles.filter((wanted) => hasRole({ name: 'x', tenant: 'acme', roles: [role], groups: [] }, wanted))).toEqual(allowed);
  });
});

describe('the file of API keys', () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-keys-'));
    file = join(directory, 'keys.json');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is read', async () => {
    await writeFile(file, JSON.stringify([ada, bob]));

    expect(ApiKeys.fromFile(file).authenticate('Bearer one')?.name).toBe('ada');
  });

  it.each([
    ['is missing', undefined],
    ['is no JSON', 'sesame-open'],
    ['holds a key instead of its hash', JSON.stringify([{ ...ada, sha256: 'sesame-open' }])],
    ['holds a plain key beside the hash', JSON.stringify([{ ...ada, key: 'sesame-open' }])],
    ['names an unknown role', JSON.stringify([{ ...ada, roles: ['sesame-open'] }])],
    ['has a group that policies would take for a role', JSON.stringify([{ ...ada, groups: ['admin'] }])],
    ['names somebody as requesters from the bus are named', JSON.stringify([{ ...ada, name: 'source:otto' }])],
    ['gives a key to two people', JSON.stringify([ada, { ...bob, sha256: ada.sha256 }])],
    ['gives a name to two keys', JSON.stringify([ada, { ...ada, sha256: bob.sha256 }])],
  ])('is refused when it %s, without repeating its content', async (_name, content) => {
    if (content !== undefined) await writeFile(file, content);
    let refusal: unknown;
    try {
      ApiKeys.fromFile(file);
    } catch (error) {
      refusal = error;
    }

    expect(refusal).toMatchObject({ code: 'settings.api-keys-invalid', retryable: false });
    expect(String(refusal)).not.toContain('sesame-open');
  });
});
