import { describe, expect, it } from '@jest/globals';
import { declaredAgents } from '@holdfast/agent-registry';
import { startRunTool, type Catalog, type PlannedCall, type RunEvent, type RunEventOf, type Verdict } from '@holdfast/contracts';
import { loadBundle } from '@holdfast/policy-engine';
import { Authorizer } from './authorizer.js';
import { KEY, NOW, REAL, accepted, catalog, commitsOf, order } from './run.fixture.js';

const withRuns: Catalog = { agents: catalog.agents.map((agent) => ({ ...agent, tools: [...agent.tools, startRunTool.name] })), tools: [...catalog.tools, startRunTool] };
const bundle = loadBundle({ policies: { 'all.cedar': '@id("all")\n@reason("Anything goes.")\npermit (principal, action, resource);\n' }, catalog: withRuns });

function authorizerOf(events: readonly RunEvent[]): Authorizer {
  const commits = commitsOf(events);
  const readAfter = async (_: unknown, after: number) => commits.filter(({ commit }) => commit.number > after);
  return new Authorizer({ bundles: { current: () => bundle }, agents: { ...declaredAgents(withRuns.agents), isOffered: () => true }, log: { readAfter }, signer: { sign: () => 'permit' }, environment: 'test', clock: () => NOW });
}

async function judged(events: readonly RunEvent[], tool: string, args: Record<string, unknown>, callId = 'c9-1', approval?: { approvalId: string; by: string; at: number }): Promise<Verdict> {
  const call: PlannedCall = { callId, requestId: 'r', tool, arguments: args };
  const { verdicts: [verdict] } = await authorizerOf(events).authorize({ ...KEY, head: events.length, calls: [call], ...(approval === undefined ? {} : { approval }) });
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

const planned: RunEvent = { ...accepted, strategy: 'plan-then-execute' };
const planOf = (tools: readonly string[], more: Partial<RunEventOf<'plan-adopted'>> = {}): RunEvent => ({ type: 'plan-adopted', steps: [{ intention: 'do it', tools: [...tools] }], label: { trust: 'model', secrecy: 'internal', source: 'plan at commit 2' }, ...more });
const escalation = { reference: 'INV-2046', reason: 'refused', summary: 'It differs from our order.' };
const payment = { supplierId: 'SUP-112', poNumber: 'PO-7046', invoiceNumber: 'INV-2046', iban: REAL, amountCents: 330000, currency: 'EUR' };

describe('a run that goes by a plan', () => {
  it('calls nothing before it has one, whatever policies allow', async () => {
    expect(await judged([planned], 'get_purchase_order', { poNumber: 'PO-7046' })).toMatchObject({ outcome: 'deny', reasons: [expect.stringContaining('nothing is called before there is one')] });
    expect(await judged([accepted], 'get_purchase_order', { poNumber: 'PO-7046' })).toMatchObject({ outcome: 'allow' });
  });

  it('calls what its plan names and policies allow, and nothing else', async () => {
    const run = [planned, planOf(['get_purchase_order', 'delete_supplier']), order(330000)];
    expect(await judged(run, 'get_purchase_order', { poNumber: 'PO-7046' })).toMatchObject({ outcome: 'allow' });
    expect(await judged(run, 'pay_invoice', payment)).toMatchObject({ outcome: 'deny', reasons: [expect.stringContaining('The plan does not name the tool "pay_invoice"')] });
    // A plan widens nothing: what the agent does not have, it does not have.
    expect(await judged(run, 'delete_supplier', {})).toMatchObject({ outcome: 'deny', reasons: [expect.stringContaining('no tool named')] });
  });

  it('goes by its last plan alone', async () => {
    const run = [planned, planOf(['get_purchase_order', 'escalate_invoice']), planOf(['escalate_invoice'])];
    expect(await judged(run, 'get_purchase_order', { poNumber: 'PO-7046' })).toMatchObject({ outcome: 'deny' });
    expect(await judged(run, 'escalate_invoice', escalation)).toMatchObject({ outcome: 'allow' });
  });

  it('has each use of what came into the plan too late confirmed by a person, and made once they have', async () => {
    const run = [planned, planOf(['escalate_invoice'], { asks: { tools: ['escalate_invoice'], runs: [] } })];
    const asked = await judged(run, 'escalate_invoice', escalation);
    expect(asked).toMatchObject({ outcome: 'ask', reasons: [expect.stringContaining('a person confirms each use of "escalate_invoice"')] });
    const approvalId = 'a-c9-1';
    const { permit: _none, ...verdict } = asked;
    const answered: RunEvent[] = [
      { type: 'policy-checked', tool: 'escalate_invoice', verdict }, { type: 'approval-requested', approvalId, callId: 'c9-1', tool: 'escalate_invoice', arguments: escalation, reasons: asked.reasons, expiresAt: NOW + 60_000 },
      { type: 'approval-answered', approvalId, callId: 'c9-1', by: 'ada', comment: '', answer: 'approved' },
    ];
    expect(await judged([...run, ...answered], 'escalate_invoice', escalation, 'c9-1', { approvalId, by: 'ada', at: NOW + run.length + answered.length - 1 })).toMatchObject({ outcome: 'allow' });
  });

  it('starts runs for the types of tasks that its plan names', async () => {
    const run = [planned, planOf([startRunTool.name], { steps: [{ intention: 'have it checked', tools: [startRunTool.name], runs: ['com.example.check'] }] })];
    const goal = 'Process invoice INV-2046 from Corvo Print against purchase order PO-7046.';
    expect((await judged(run, startRunTool.name, { type: 'com.example.check', goal })).outcome).not.toBe('deny');
    for (const type of ['com.example.pay', undefined]) expect(await judged(run, startRunTool.name, { goal, ...(type === undefined ? {} : { type }) })).toMatchObject({ outcome: 'deny', reasons: [expect.stringContaining('The plan names no tasks of the type')] });
  });

  it('is undone by what its plan does not name', async () => {
    const run: RunEvent[] = [planned, planOf(['get_purchase_order']), { type: 'compensation-asked', callId: 'undo-c3-1', compensates: 'c3-1', tool: 'escalate_invoice', arguments: escalation, needsPerson: false }];
    expect(await judged(run, 'escalate_invoice', escalation, 'undo-c3-1')).toMatchObject({ outcome: 'allow' });
  });

  it('goes on by the plan of its origin where it was begun anew', async () => {
    const forked: RunEvent = {
      type: 'run-forked', mode: 'fork', by: 'ada', reason: '', origin: { runId: 'origin', number: 1, hash: 'f'.repeat(64) }, task: accepted.task, agent: accepted.agent, budgets: accepted.budgets, labels: accepted.labels, amount: 0, undoable: [], unsettled: [],
      strategy: 'plan-then-execute', plan: { steps: [{ intention: 'escalate', tools: ['escalate_invoice'] }], fixed: { tools: [], runs: [] }, asks: { tools: ['escalate_invoice'], runs: [] }, replans: 1, done: [[]] },
    };
    expect(await judged([forked], 'get_purchase_order', { poNumber: 'PO-7046' })).toMatchObject({ outcome: 'deny' });
    expect(await judged([forked], 'escalate_invoice', escalation)).toMatchObject({ outcome: 'ask' });
  });

  it('is shown what its plan names, and told what else there would be', async () => {
    const run = [planned, planOf(['escalate_invoice', 'unknown'])];
    expect(await authorizerOf(run).visible({ ...KEY, knowing: 2 })).toMatchObject({ tools: ['escalate_invoice'], beyondPlan: ['get_purchase_order', 'search_guidelines', 'pay_invoice', 'send_dispute', startRunTool.name] });
    expect((await authorizerOf([planned]).visible(KEY)).tools).toHaveLength(6);
    expect(await authorizerOf([accepted]).visible(KEY)).not.toHaveProperty('beyondPlan');
  });

  it('is shown by a plan that policy has not heard of when it was asked last', async () => {
    const commits = commitsOf([planned, planOf(['escalate_invoice'])]);
    let known = 1;
    const readAfter = async (_: unknown, after: number) => commits.filter(({ commit }) => commit.number > after && commit.number <= known);
    const authorizer = new Authorizer({ bundles: { current: () => bundle }, agents: { ...declaredAgents(withRuns.agents), isOffered: () => true }, log: { readAfter }, signer: { sign: () => 'permit' }, environment: 'test', clock: () => NOW });
    expect((await authorizer.visible(KEY)).tools).toHaveLength(6);
    known = 2;
    expect((await authorizer.visible({ ...KEY, knowing: 2 })).tools).toEqual(['escalate_invoice']);
  });
});
