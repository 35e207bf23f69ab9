import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { hasRole } from '../edge/api-keys.js';
import type { Endpoint } from '../endpoints/endpoint.js';
import { ENDPOINTS } from '../endpoints/endpoints.js';
import { KEYS } from '../gateway.fixture.js';
import type { Asked, Row } from './row.fixture.js';
import { ROWS } from './rows.fixture.js';
import { codeOf, send, type Told } from './send.fixture.js';
import { World } from './world.fixture.js';

const MEGABYTE = 1_048_576;
/** Each of the roles alone. */
const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const;
/** What names nothing anywhere, and must not be taken for another path either. */
const BAD_NAMES = ['\u0000', '../x', 'a/b', '💥', 'x'.repeat(90), '%'];

const rows = ENDPOINTS.map((endpoint): [string, Endpoint, Row] => [endpoint.id, endpoint, ROWS[endpoint.id] ?? missing(endpoint.id)]);
const conflicts = rows.flatMap(([id, endpoint, { conflict }]) => (typeof conflict === 'string' ? [] : [[id, endpoint, conflict] as const]));
const malformed = rows.flatMap(([id, endpoint, row]) => (row.malformed ?? []).map((refused) => [`${id} ${refused.what}`, endpoint, row, refused] as const));
const withBody = rows.filter(([, { body }]) => body?.['application/json'] !== undefined);
const strictBodies = withBody.filter(([, { body }]) => body?.['application/json'] instanceof z.ZodObject);

describe('every endpoint of the gateway on a real broker', () => {
  let world: World;
  beforeAll(async () => { world = await World.begin(); });
  afterAll(() => world.end());

  const ask = (endpoint: Endpoint, asked: Asked, who?: keyof typeof KEYS): Promise<Told> => send(world.url, endpoint, asked, who);
  const succeeds = ({ status, text, headers }: Told, endpoint: Endpoint, { refusal }: Row): void => {
    if (refusal !== undefined) return expect(codeOf({ status, text, headers })).toBe(refusal);
    expect({ status, text }).toEqual({ status: endpoint.status, text });
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    expect(Object.keys(endpoint.answer)).toContain(type);
    if (type === 'application/json') expect(endpoint.answer[type]?.safeParse(JSON.parse(text)).error?.issues ?? []).toEqual([]);
    expect(Object.fromEntries(headers)).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-security-policy': expect.stringContaining("frame-ancestors 'none'") });
  };

  it.each(rows)('%s answers as it says to whoever has just its role', async (_id, endpoint, row) => {
    succeeds(await ask(endpoint, await row.ask(world), endpoint.role), endpoint, row);
  });

  it.each(rows)('%s is for nobody without a key, with an unknown one, or with one that is written otherwise', async (_id, endpoint, row) => {
    const asked = await row.ask(world);
    const authorizations = [undefined, '', 'Bearer', 'Bearer unknown', `Basic ${KEYS.admin.key}`, KEYS.admin.key, `Bearer ${KEYS.admin.key} x`, `Bearer ${'x'.repeat(5_000)}`, `Bearer ${btoa('{"alg":"none"}')}.e30.`];
    for (const authorization of authorizations) {
      const told = await ask(endpoint, { ...asked, headers: { ...asked.headers, ...(authorization === undefined ? {} : { authorization }) } });
      expect([authorization, told.status, codeOf(told)]).toEqual([authorization, 401, expect.stringMatching(/^auth\.key-(missing|unknown)$/)]);
    }
  });

  it.each(rows.filter(([, { role }]) => role !== 'viewer'))('%s is for no role that is too small', async (_id, endpoint, row) => {
    const asked = await row.ask(world);
    for (const role of ROLES.filter((each) => !hasRole(KEYS[each] as never, endpoint.role))) expect([role, codeOf(await ask(endpoint, asked, role))]).toEqual([role, 'auth.role-missing']);
  });

  it.each(rows)('%s tells another tenant nothing', async (_id, endpoint, row) => {
    const asked = await row.ask(world);
    const told = await ask(endpoint, asked, 'stranger');
    if (row.elsewhere !== 'own' && row.elsewhere !== 'installation') return expect(codeOf(told)).toBe(row.elsewhere);
    succeeds(told, endpoint, row);
    const sent = JSON.stringify(asked);
    if (row.elsewhere === 'own') expect(world.names.filter((name) => told.text.includes(name) && !sent.includes(name))).toEqual([]);
  });

  it.each(rows)('%s takes effect once, however often it is asked', async (_id, endpoint, row) => {
    const asked = await row.ask(world);
    const first = await ask(endpoint, asked, endpoint.role);
    const again = await ask(endpoint, asked, endpoint.role);
    if (row.again !== 'same') return expect(codeOf(again)).toBe(row.again);
    succeeds(again, endpoint, row);
    expect(without(again.text, row)).toEqual(without(first.text, row));
  });

  it.each(conflicts)('%s refuses what contradicts what is there', async (_id, endpoint, conflict) => {
    expect(codeOf(await ask(endpoint, await conflict.ask(world), endpoint.role))).toBe(conflict.code);
  });

  it.each(malformed)('%s is refused', async (_id, endpoint, row, refused) => {
    const asked = await row.ask(world);
    const told = await ask(endpoint, { ...asked, ...refused.ask, path: { ...asked.path, ...refused.ask.path }, query: { ...asked.query, ...refused.ask.query }, headers: { ...asked.headers, ...refused.ask.headers } }, endpoint.role);
    expect(codeOf(told)).toBe(refused.code);
  });

  it.each(rows.filter(([, { parameters }]) => parameters !== undefined))('%s refuses names that can be none', async (_id, endpoint, row) => {
    const asked = await row.ask(world);
    for (const name of Object.keys(endpoint.parameters?.shape ?? {}).filter((each) => !row.free?.includes(each))) {
      for (const bad of BAD_NAMES) {
        const told = await ask(endpoint, { ...asked, path: { ...asked.path, [name]: bad } }, endpoint.role);
        expect([bad, told.status, codeOf(told)]).toEqual([bad, expect.any(Number), expect.stringMatching(/^(request\.(invalid|malformed)|route\.unknown|[a-z]+\.([a-z]+-)?unknown|operation\.not-in-doubt)$/)]);
      }
    }
  });

  it.each(rows.filter(([, { query }]) => query !== undefined))('%s refuses what it does not know in a query', async (_id, endpoint, row) => {
    const asked = await row.ask(world);
    expect(codeOf(await ask(endpoint, { ...asked, query: { ...asked.query, nonsense: '1' } }, endpoint.role))).toBe('request.invalid');
  });

  it.each(strictBodies)('%s refuses what it does not know in a body, and a body that is no object', async (_id, endpoint, row) => {
    const asked = await row.ask(world);
    for (const body of [{ ...(asked.body as object), nonsense: 1 }, [], 'text', 7]) expect([body, codeOf(await ask(endpoint, { ...asked, body }, endpoint.role))]).toEqual([body, 'request.invalid']);
  });

  it.each(withBody)('%s refuses a body that is no JSON, of another type, or too large', async (_id, endpoint, row) => {
    const asked = await row.ask(world);
    const raw = async (body: string, type: string): Promise<string> => codeOf(await ask(endpoint, { ...asked, body, headers: { ...asked.headers, 'content-type': type } }, endpoint.role));
    for (const broken of ['{"a":', 'undefined', '', '\u0000', '{"__proto__":{"isAdmin":true}}']) expect([broken, await raw(broken, 'application/json; charset=utf-8')]).toEqual([broken, 'request.malformed']);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml']) expect([type, await raw('a=1', type)]).toEqual([type, 'request.media-type']);
    expect(await raw(JSON.stringify('x'.repeat(MEGABYTE)), 'application/json; charset=utf-8')).toBe('request.too-large');
  });
});

/** An answer but for what may be another the second time. */
function without(text: string, { varies = [], refusal }: Row): unknown {
  if (text === '' || refusal !== undefined) return text;
  const left = new Set(['duplicate', ...varies]);
  return JSON.parse(text, (name, value: unknown) => (left.has(name) ? undefined : value));
}

function missing(id: string): never {
  throw new Error(`the endpoint "${id}" has no row: write one beside it, as apps/gateway/src/matrix/row.fixture.ts says`);
}
