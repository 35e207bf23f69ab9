import { describe, expect, it } from '@jest/globals';
import { declaredAgents, type Agents } from '@holdfast/agent-registry';
import type { Catalog, PlannedCall, RunEvent, Verdict } from '@holdfast/contracts';
import { loadBundle, readPolicies } from '@holdfast/policy-engine';
import { fileURLToPath } from 'node:url';
import { Authorizer } from './authorizer.js';
import { KEY, NOW, REAL, accepted, catalog, commitsOf, order } from './run.fixture.js';

const policies = await readPolicies(fileURLToPath(new URL('../../../../examples/accounts-payable/policies', import.meta.url)));
const payment: PlannedCall = { callId: 'call-2', requestId: 'r', tool: 'pay_invoice', arguments: { supplierId: 'SUP-112', poNumber: 'PO-7046', invoiceNumber: 'INV-2046', iban: REAL, amountCents: 330000, currency: 'EUR' } };
const read = [accepted, order(330000)];

/** Policy over a run with these events, where `present` is declared and `agents` know more. */
function deployment(events: readonly RunEvent[], present: Catalog['agents'], agents: Partial<Agents>) {
  const bundle = loadBundle({ policies, catalog: { ...catalog, agents: present } });
  const commits = commitsOf(events);
  const authorizer = new Authorizer({
    bundles: { current: () => bundle }, agents: { ...declaredAgents(present), ...agents }, environment: 'test', clock: () => NOW, signer: { sign: () => 'permit' },
    log: { readAfter: async (_run: unknown, after: number) => commits.slice(after) },
  });
  const authorize = async (call: PlannedCall = payment): Promise<Verdict | undefined> => (await authorizer.authorize({ ...KEY, head: commits.length, calls: [call] })).verdicts[0];
  return { authorizer, authorize };
}

describe('a run', () => {
  it('is judged by the version that it began with, whatever is declared by now', async () => {
    const [declared] = catalog.agents;
    if (declared === undefined) throw new Error('the fixture declares no agent');
    const narrow = { ...declared, digest: 'b'.repeat(64), tools: ['get_purchase_order'], trustTier: 'untrusted' as const };
    const versions: Partial<Agents> = { find: async ({ digest }) => [declared, narrow].find((one) => one.digest === digest) };
    const begunWith = (digest: string): readonly RunEvent[] => read.map((event) => (event.type === 'task-accepted' ? { ...event, agent: { ...event.agent, digest } } : event));
    const outcomes: string[] = [];
    for (const version of [declared, narrow]) {
      for (const present of [declared, narrow]) {
        const { authorizer, authorize } = deployment(begunWith(version.digest), [present], versions);
        outcomes.push(`${(await authorize())?.outcome} ${(await authorizer.visible(KEY)).tools.length}`);
      }
    }
    expect(outcomes).toEqual(['allow 5', 'allow 5', 'deny 1', 'deny 1']);
  });

  it('waits when nobody has the version that it began with, and is never judged by another', async () => {
    const { authorizer, authorize } = deployment(read, catalog.agents, { find: async () => undefined });
    await expect(authorize()).rejects.toMatchObject({ code: 'agent.version-missing', retryable: true, message: expect.stringContaining('nobody has version aaaaaaaaaaaa of the agent "accounts-payable"') });
    await expect(authorizer.visible(KEY)).rejects.toMatchObject({ code: 'agent.version-missing' });
  });

  it('may do nothing more once its version is revoked, but for what undoes its calls', async () => {
    const revoked: Partial<Agents> = { revocation: ({ digest }) => (digest === accepted.agent.digest ? { by: 'ada', reason: 'it pays twice', at: NOW } : undefined) };
    const undoing: RunEvent = { type: 'compensation-asked', callId: 'undo-call-1', compensates: 'call-1', tool: 'pay_invoice', arguments: payment.arguments, needsPerson: false };
    const { authorizer, authorize } = deployment([...read, undoing], catalog.agents, revoked);
    expect(await authorize()).toMatchObject({ outcome: 'deny', reasons: ['Version aaaaaaaaaaaa of the agent "accounts-payable" was revoked by ada: it pays twice'] });
    expect((await authorizer.visible(KEY)).tools).toEqual([]);
    expect((await authorize({ ...payment, callId: 'undo-call-1' }))?.outcome).toBe('allow');
  });
});
