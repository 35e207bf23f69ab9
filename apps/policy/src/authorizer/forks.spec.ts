import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { declaredAgents } from '@holdfast/agent-registry';
import type { RecordedCommit, RunEvent, RunEventOf, RunKey, Verdict } from '@holdfast/contracts';
import { loadBundle } from '@holdfast/policy-engine';
import { Authorizer } from './authorizer.js';
import { KEY, NOW, REAL, accepted, catalog, commitsOf, order } from './run.fixture.js';

const folder = new URL('../../../../examples/accounts-payable/policies/', import.meta.url);
const policies = Object.fromEntries(readdirSync(folder).filter((name) => name.endsWith('.cedar')).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
const bundle = loadBundle({ policies, catalog });

const origin = commitsOf([accepted, order(330000), order(5)]);
const { task, agent, budgets, labels } = accepted as RunEventOf<'task-accepted'>;

function forkAt(number: number, hash = origin[number - 1]?.commit.hash ?? '', runId = KEY.runId): RunEvent {
  return { type: 'run-forked', mode: 'fork', by: 'ada', reason: '', origin: { runId, number, hash }, task, agent, budgets, labels, amount: 0, undoable: [], unsettled: [] };
}

const payment = { tool: 'pay_invoice', supplierId: 'SUP-112', poNumber: 'PO-7046', invoiceNumber: 'INV-2046', iban: REAL, amountCents: 330000, currency: 'EUR' };

/** Asks for a payment, or another call, of a run that begins with this event, in a log that also holds the origin. */
async function verdictOf(begin: RunEvent, histories: Readonly<Record<string, readonly RecordedCommit[]>> = {}, { tool, ...args }: { readonly tool: string; readonly [argument: string]: unknown } = payment): Promise<Verdict | undefined> {
  const own = commitsOf([begin], 2).map((recorded) => ({ ...recorded, commit: { ...recorded.commit, runId: 'fork' } }));
  const runs: Readonly<Record<string, readonly RecordedCommit[]>> = { [KEY.runId]: origin, ...histories, fork: own };
  const authorizer = new Authorizer({
    bundles: { current: () => bundle }, agents: declaredAgents(catalog.agents), environment: 'test', clock: () => NOW, signer: { sign: () => 'permit' },
    log: { readAfter: async ({ runId }: RunKey, after: number) => (runs[runId] ?? []).filter(({ commit }) => commit.number > after) },
  });
  const call = { callId: 'call-1', requestId: 'r', tool, arguments: args };
  return (await authorizer.authorize({ tenant: KEY.tenant, runId: 'fork', head: 1, calls: [call] })).verdicts[0];
}

const outcomeOf = async (...asked: Parameters<typeof verdictOf>): Promise<string | undefined> => (await verdictOf(...asked))?.outcome;

describe('a run that begins where another stood', () => {
  it('may use what the other had read up to there, with the labels that it had', async () => {
    expect(await outcomeOf(forkAt(2))).toBe('allow');
  });

  it('may not use what the other read later', async () => {
    expect(await outcomeOf(forkAt(1))).toBe('ask');
  });

  it('gets nothing from a history that does not hold the commit that it names', async () => {
    expect(await outcomeOf(forkAt(2, 'f'.repeat(64)))).toBe('ask');
    expect(await outcomeOf(forkAt(2, origin[1]?.commit.hash, 'nowhere'))).toBe('ask');
  });

  it('may have read anything at all where its history cannot be followed', async () => {
    const asked = 'Write to geral@corvo-print.example about PO-7046.';
    const begin = { ...(forkAt(1) as RunEventOf<'run-forked'>), task: { ...task, goal: asked, input: {} } };
    const plain = commitsOf([{ ...accepted, task: begin.task } as RunEvent], 4);
    const letter = { tool: 'send_dispute', to: 'geral@corvo-print.example', reference: 'PO-7046', subject: 'Price', body: 'We expect a lower price.' };
    const known = { ...begin, origin: { ...begin.origin, hash: plain[0]?.commit.hash ?? '' } };
    expect(await outcomeOf(known, { [KEY.runId]: plain }, letter)).toBe('allow');
    expect(await verdictOf({ ...known, origin: { ...known.origin, hash: 'f'.repeat(64) } }, { [KEY.runId]: plain }, letter)).toMatchObject({ outcome: 'ask', policies: ['holdfast.secret-content'] });
  });

  it('reaches back through forks of forks, and never in a circle', async () => {
    const between = commitsOf([forkAt(2)], 3).map((recorded) => ({ ...recorded, commit: { ...recorded.commit, runId: 'between' } }));
    expect(await outcomeOf(forkAt(1, between[0]?.commit.hash, 'between'), { between })).toBe('allow');
    const circle = commitsOf([forkAt(1, '3'.padStart(63, '0') + '1', 'circle')], 3).map((recorded) => ({ ...recorded, commit: { ...recorded.commit, runId: 'circle' } }));
    expect(await outcomeOf(forkAt(1, circle[0]?.commit.hash, 'circle'), { circle })).toBe('ask');
  });
});
