import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT, generateKeyPair } from 'jose';
import { AccessTokens } from './access-tokens.js';
import { TestIssuer } from './issuer.fixture.js';

let issuer: TestIssuer;

beforeEach(async () => {
  issuer = await TestIssuer.start();
});
afterEach(() => issuer.stop());

/** What comes of a token: who it stands for, or the code of the refusal. */
async function outcome(tokens: AccessTokens, token: string): Promise<unknown> {
  return tokens.authenticate(token).then(({ name, tenant, roles, groups }) => ({ name, tenant, roles, groups }), (error: { code: string }) => error.code);
}

describe('a token of an issuer', () => {
  it('stands for a person under the issuer\'s name, with what the rules grant and nothing else', async () => {
    const tokens = new AccessTokens([issuer.entry()]);

    expect(await outcome(tokens, await issuer.token({ groups: ['everyone', 'holdfast-approvers', 'finance-emea', 'admin'], roles: ['admin'], tenant: 'globex' }))).toEqual({ name: 'corp:jane', tenant: 'acme', roles: ['approver'], groups: ['treasury'] });
  });

  it('ends when its issuer says', async () => {
    const { expiresAt = 0 } = await new AccessTokens([issuer.entry({ clockSkewSeconds: 10 })]).authenticate(await issuer.token({}, { lasts: 2_000_000_000 }));

    expect(expiresAt).toBe(2_000_000_010_000);
  });

  it.each([
    ['claims that are nested', { realm_access: { roles: ['op'] } }, { roles: { claim: 'realm_access.roles', grants: { op: 'operator' as const } } }],
    ['claims whose names have dots', { 'https://example.com/roles': 'op' }, { roles: { claim: 'https://example.com/roles', grants: { op: 'operator' as const } } }],
    ['scopes', { scope: 'openid holdfast.operate' }, { roles: { claim: 'scope', grants: { 'holdfast.operate': 'operator' as const } } }],
  ])('may say what it grants by %s', async (_, claims, over) => {
    expect(await outcome(new AccessTokens([issuer.entry({ ...over, groups: undefined })]), await issuer.token(claims))).toMatchObject({ roles: ['operator'] });
  });

  it('is of the tenant that it names where the file says so, if it is one of the issuer\'s', async () => {
    const tokens = new AccessTokens([issuer.entry({ tenant: { claim: 'org', among: ['acme', 'globex'] } })]);

    const tenants = await Promise.all([{ org: 'globex' }, { org: 'initech' }, { org: '../acme' }, { org: ['acme'] }, {}].map(async (claims) => outcome(tokens, await issuer.token(claims))));

    expect(tenants).toEqual([expect.objectContaining({ tenant: 'globex' }), ...Array.from({ length: 4 }, () => 'auth.nothing-granted')]);
  });

  it('grants nothing without a role, also to names that every object has', async () => {
    expect(await outcome(new AccessTokens([issuer.entry()]), await issuer.token({ groups: ['constructor', '__proto__', 'toString'] }))).toBe('auth.nothing-granted');
  });

  it.each([
    ['has expired', () => issuer.token({}, { lasts: '-1s' }), /has expired/],
    ['begins later', () => issuer.token({ nbf: Math.floor(Date.now() / 1_000) + 60 }), /"nbf"/],
    ['is for somebody else', () => issuer.token({}, { audience: 'payroll' }), /"aud"/],
    ['is of an issuer that nobody named', () => issuer.token({}, { issuer: 'https://evil.example' }), /issuer is not known/],
    ['is signed by somebody else', async () => new SignJWT({ sub: 'jane', groups: ['holdfast-operators'] }).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).setIssuer(issuer.url).setAudience('holdfast').setExpirationTime('5m').sign((await generateKeyPair('RS256')).privateKey), /signature/],
    ['is signed with the public key as a secret', async () => new SignJWT({ sub: 'jane', groups: ['holdfast-operators'] }).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).setIssuer(issuer.url).setAudience('holdfast').setExpirationTime('5m').sign(await issuer.publicLetters()), /algorithm/],
    ['is not signed', async () => new UnsecuredJWT({ sub: 'jane', groups: ['holdfast-operators'] }).setIssuer(issuer.url).setAudience('holdfast').setExpirationTime('5m').encode(), /signature|algorithm/],
    ['never ends', () => issuer.token({}, { lasts: 'for ever' }), /"exp"/],
    ['names nobody', () => issuer.token({ sub: undefined }), /"sub"/],
    ['names somebody in letters that can be mistaken', () => issuer.token({ sub: 'jane\u202e' }), /does not name a person/],
    ['was altered', async () => { const [head, , signature] = (await issuer.token()).split('.'); return `${head}.${Buffer.from(JSON.stringify({ iss: issuer.url, aud: 'holdfast', sub: 'ceo', exp: 2_000_000_000, groups: ['holdfast-operators'] })).toString('base64url')}.${signature}`; }, /signature/],
  ])('that %s is refused', async (_, token, message) => {
    await expect(new AccessTokens([issuer.entry()]).authenticate(await token())).rejects.toMatchObject({ code: 'auth.token-invalid', message: expect.stringMatching(message) });
  });

  it('is refused when the issuer signs with an algorithm that the file does not name', async () => {
    await issuer.exchangeKeys('ES256');

    expect(await outcome(new AccessTokens([issuer.entry()]), await issuer.token())).toBe('auth.token-invalid');
    expect(await outcome(new AccessTokens([issuer.entry({ algorithms: ['ES256'] })]), await issuer.token())).toMatchObject({ name: 'corp:jane' });
  });

  it('says nothing of itself in a refusal', async () => {
    const token = await issuer.token({ sub: 'very-private' }, { lasts: '-1s' });

    await expect(new AccessTokens([issuer.entry()]).authenticate(token)).rejects.toThrow(/^The token is not accepted: it has expired\.$/);
  });
});

describe('the keys of an issuer', () => {
  it('are asked for once, and again when a token has another key', async () => {
    const tokens = new AccessTokens([issuer.entry()], 0);
    const before = await issuer.token();
    for (let times = 0; times < 5; times += 1) await tokens.authenticate(before);
    const first = issuer.asked;
    await issuer.exchangeKeys();

    expect(await outcome(tokens, await issuer.token())).toMatchObject({ name: 'corp:jane' });
    expect([first, issuer.asked]).toEqual([1, 2]);
    expect(await outcome(tokens, before)).toBe('auth.token-invalid');
  });

  it('are not asked for by strangers at will', async () => {
    const tokens = new AccessTokens([issuer.entry()]);
    await tokens.authenticate(await issuer.token());
    const { privateKey } = await generateKeyPair('RS256');
    for (let times = 0; times < 20; times += 1) await outcome(tokens, await new SignJWT({ sub: 'x' }).setProtectedHeader({ alg: 'RS256', kid: `unknown-${times}` }).setIssuer(issuer.url).setAudience('holdfast').setExpirationTime('5m').sign(privateKey));

    expect(issuer.asked).toBe(1);
  });

  it('may be away: a token is refused for now, and accepted when they are back', async () => {
    const tokens = new AccessTokens([issuer.entry()], 0);
    issuer.isAway = true;
    const token = await issuer.token();

    await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'auth.issuer-unavailable', retryable: true });
    issuer.isAway = false;
    expect(await outcome(tokens, token)).toMatchObject({ name: 'corp:jane' });
  });

  it('are not taken from a document that calls itself by another name', async () => {
    const tokens = new AccessTokens([issuer.entry({ issuer: `${issuer.url}/elsewhere` })]);

    expect(await outcome(tokens, await issuer.token({}, { issuer: `${issuer.url}/elsewhere` }))).toBe('auth.issuer-unavailable');
  });

  it('are taken from the address that the file names, without discovery', async () => {
    const tokens = new AccessTokens([issuer.entry({ issuer: 'https://login.example', keys: `${issuer.url}/keys` })]);

    expect(await outcome(tokens, await issuer.token({}, { issuer: 'https://login.example' }))).toMatchObject({ name: 'corp:jane' });
  });
});
