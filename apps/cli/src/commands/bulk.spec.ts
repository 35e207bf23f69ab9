import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { agree } from '../agree.js';
import { BULK_ACTIONS, BULK_STATUSES } from './bulk.js';
import { RUN_STATUSES } from './run-statuses.js';
import { holdfastAt, type Answer } from './scripted-gateway.fixture.js';

const one = (runId: string) => ({ runId, status: 'running', agent: 'payables', type: 'invoice.received', goal: 'Pay\u001b[2J it.', changedAt: 0 });
const shown = { at: 7, runs: ['r1', 'r2'], digest: 'd'.repeat(64) };
const dry = { dryRun: true, action: 'cancel', count: 2, more: false, sample: [one('r1'), one('r2')], shown, outcomes: [] };
const done = (...outcomes: readonly { readonly outcome: string; readonly code?: string; readonly newRunId?: string }[]) => ({ dryRun: false, action: 'cancel', count: outcomes.length, more: false, sample: [], outcomes: outcomes.map((each, at) => ({ runId: `r${at + 1}`, ...each })) });
const told = done({ outcome: 'told' }, { outcome: 'told' });

/** A dry run, and then these answers, the last of them for ever. */
function gateway(...later: readonly (object | Error)[]): Answer {
  const left = [...later];
  return ({ body }) => {
    if ((body as { readonly shown?: object }).shown === undefined) return Response.json(dry);
    const next = left.length > 1 ? left.shift() : left[0];
    return next instanceof Error ? next : Response.json(next);
  };
}

const order = ['bulk', 'cancel', '--agent', 'payables', '--reason', 'enough'];
const sent = { action: 'cancel', filter: { agent: 'payables' }, reason: 'enough', limit: 1_000 };

describe('holdfast bulk', () => {
  it('offers the actions and statuses that the API has', () => {
    const api = JSON.parse(readFileSync(new URL('../../../../docs/reference/openapi.json', import.meta.url), 'utf8'));
    const { action, filter } = api.paths['/v1/runs/bulk'].post.requestBody.content['application/json'].schema.properties;
    expect(action.enum).toEqual([...BULK_ACTIONS]);
    expect(filter.properties.status.enum).toEqual([...BULK_STATUSES]);
    const listed = api.paths['/v1/runs'].get.parameters.find(({ name }: { name: string }) => name === 'status');
    expect(listed.schema.enum).toEqual([...RUN_STATUSES]);
  });

  it('shows which runs, asks, and tells the very runs that were shown', async () => {
    const questions: string[] = [];
    const { code, out, asked } = await holdfastAt(gateway(told), order, undefined, async (question) => { questions.push(question); return true; });
    expect(code).toBe(0);
    expect(asked).toEqual([sent, { ...sent, shown }].map((body) => ({ method: 'POST', path: '/v1/runs/bulk', body })));
    expect(questions).toEqual(['cancel 2 runs? [y/N] ']);
    expect(out).toMatch(/run +status +agent +type +changed +goal\nr1 +running +payables +invoice.received +1970-01-01T00:00:00.000Z +Pay \[2J it\.\nr2[^]*cancel is about 2 runs\.\n2 runs told, 0 skipped/);
  });

  it('does nothing where the answer is no', async () => {
    const { code, out, asked } = await holdfastAt(gateway(told), order, undefined, async () => false);
    expect([code, asked.length]).toEqual([1, 1]);
    expect(out).toContain('Nothing was done.');
  });

  it.each([
    [order],
    [[...order, '--json']],
    [['bulk', 'cancel', '--agent', 'payables', '--yes']],
    [['bulk', 'pause', '--yes']],
    [['bulk', 'pause', '--all', '--agent', 'payables', '--yes']],
    [['bulk', 'erase', '--all', '--yes']],
    [['bulk', 'pause', '--status', 'completed', '--yes']],
    [['bulk', 'pause', '--changed-after', 'yesterday', '--yes']],
    [['bulk', 'pause', '--all', '--limit', '1001', '--yes']],
    [['bulk', 'signal', '--all', '--yes']],
    [['bulk', 'signal', '--all', '--name', 'go', '--payload', '{', '--yes']],
    [['bulk', 'retry', '--all', '--name', 'go', '--yes']],
  ])('asks the gateway nothing for %j, where nobody can be asked', async (args) => {
    expect(await holdfastAt(gateway(told), args)).toMatchObject({ code: 2, asked: [] });
  });

  it('asks nobody with --yes, and gives programs one value', async () => {
    const { code, out } = await holdfastAt(gateway(told), [...order, '--yes', '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, told]);
  });

  it('only looks with --dry-run, or where no run fits', async () => {
    const looked = await holdfastAt(gateway(told), [...order, '--dry-run', '--json']);
    expect([looked.code, looked.asked.length, JSON.parse(looked.out)]).toEqual([0, 1, dry]);
    const { shown: _shown, ...none } = { ...dry, count: 0, sample: [] };
    expect(await holdfastAt(() => Response.json(none), [...order, '--yes'])).toMatchObject({ code: 0, asked: [expect.anything()], out: 'No run fits.\n' });
  });

  it('sends the same request again for runs that failed and for an answer that was lost', async () => {
    const { code, asked } = await holdfastAt(gateway(done({ outcome: 'told' }, { outcome: 'failed', code: 'gateway.not-stored' }), new Error('reset'), done({ outcome: 'known' }, { outcome: 'told' })), [...order, '--yes']);
    expect([code, asked.length]).toEqual([0, 4]);
    expect(new Set(asked.slice(1).map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it('ends with 1 and names the runs where some could not be told', async () => {
    const { code, out, asked } = await holdfastAt(gateway(done({ outcome: 'skipped', code: 'bulk.fits-no-more' }, { outcome: 'failed', code: 'gateway.not-stored' })), [...order, '--yes']);
    expect([code, asked.length]).toEqual([1, 4]);
    expect(out).toMatch(/r1 +skipped +bulk\.fits-no-more\nr2 +failed +gateway\.not-stored\n0 runs told, 1 skipped[^]*1 failed\.\nRepeat/);
  });

  it('gives a signal its name and payload, which are null when none is given', async () => {
    const { asked } = await holdfastAt(gateway(told), ['bulk', 'signal', '--all', '--name', 'go', '--payload', '{"n":1}', '--dry-run']);
    expect(asked[0]?.body).toMatchObject({ action: 'signal', filter: {}, signal: { name: 'go', payload: { n: 1 } } });
    const { asked: bare } = await holdfastAt(gateway(told), ['bulk', 'signal', '--all', '--name', 'go', '--dry-run']);
    expect(bare[0]?.body).toMatchObject({ signal: { name: 'go', payload: null } });
  });

  it('names the runs that go on for those that are retried', async () => {
    const { out } = await holdfastAt(gateway(done({ outcome: 'told', newRunId: 'n1' }, { outcome: 'skipped', code: 'bulk.fits-no-more' })), ['bulk', 'retry', '--status', 'failed', '--yes']);
    expect(out).toMatch(/run +goes on as\nr1 +n1\n/);
  });

  it('says times as the API has them', async () => {
    const { asked } = await holdfastAt(gateway(told), ['bulk', 'pause', '--changed-before', '1970-01-01T00:01Z', '--dry-run']);
    expect(asked[0]?.body).toMatchObject({ filter: { changedBefore: 60_000 } });
  });
});

describe('agreeing on a terminal', () => {
  it.each([['y\n', true], ['Yes\n', true], ['\n', false], ['yesterday\n', false], ['', false]])('%j is %s', async (typed, agreed) => {
    const input = new PassThrough();
    const answer = agree('Go? ', input, new PassThrough());
    input.end(typed);
    expect(await answer).toBe(agreed);
  });
});
