import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readIssuers } from './issuers.js';

const corp = { name: 'corp', issuer: 'https://login.example', audience: 'holdfast', tenant: { value: 'acme' }, roles: { claim: 'groups', grants: { ops: 'operator' } } };
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-issuers-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function read(content: unknown) {
  const file = join(directory, 'issuers.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readIssuers(file);
}

describe('the file of issuers', () => {
  it('is read, with careful defaults', async () => {
    expect(await read([corp])).toEqual([{ ...corp, algorithms: ['RS256'], user: 'sub', clockSkewSeconds: 30 }]);
  });

  it.each([
    ['is no JSON', '[', /cannot be read as JSON/],
    ['has no issuer', [], /file: /],
    ['has an address without TLS', [{ ...corp, issuer: 'http://login.example' }], /0\.issuer: must be an https address/],
    ['accepts shared secrets', [{ ...corp, algorithms: ['HS256'] }], /0\.algorithms\.0: /],
    ['accepts unsigned tokens', [{ ...corp, algorithms: ['none'] }], /0\.algorithms\.0: /],
    ['accepts every audience', [{ ...corp, audience: undefined }], /0\.audience: /],
    ['grants a role that there is not', [{ ...corp, roles: { claim: 'groups', grants: { ops: 'root' } } }], /0\.roles\.grants\.ops: /],
    ['names a group like a role', [{ ...corp, groups: { claim: 'groups', grants: { ops: 'admin' } } }], /0\.groups\.grants\.ops: must not be the name of a role/],
    ['names its people like events\' sources', [{ ...corp, name: 'source' }], /0\.name: is used for/],
    ['has one issuer twice', [corp, { ...corp, name: 'other' }], /the same issuer/],
    ['has two issuers of one name', [corp, { ...corp, issuer: 'https://other.example' }], /the same name/],
    ['has a member that nobody knows', [{ ...corp, audiences: ['x'] }], /audiences/],
  ])('that %s is refused', async (_, content, message) => {
    await expect(read(content)).rejects.toMatchObject({ code: 'settings.issuers-invalid', message: expect.stringMatching(message) });
  });
});
