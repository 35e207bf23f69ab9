import { beforeEach, describe, expect, it } from '@jest/globals';
import type { InMemoryEventLog } from '@holdfast/event-log';
import type { RecordedCommit } from '@holdfast/contracts';
import { PERMIT, accepted, append, called, decided, ended, judged, key, newLog, payInvoice, returned } from '../runs/run.fixture.js';
import { permitDigest } from '../runs/public-event.js';
import { explain as explainInRun, type WhyQuestion } from './why.js';
import { why as whySchema, type Why } from './why.schema.js';
import { graphOf } from './why-graph.js';
import { drawGraph } from './why-mermaid.js';
import { renderWhy } from './why-text.js';

const run = key('run-1');
const explain = (history: readonly RecordedCommit[], question: WhyQuestion): Why => ({ ...explainInRun(history, question), origins: [] });
const drawWhy = (why: Why): string => drawGraph(graphOf(why));

describe('why', () => {
  let log: InMemoryEventLog;
  let history: readonly RecordedCommit[];

  beforeEach(async () => {
    log = newLog();
    await payInvoice(log, run);
    history = await log.readRun(run);
  });

  it('walks a payment from whoever asked to what came of it, each link with its commit', () => {
    const chain = explain(history, { effect: 'c1-1' });
    const [action] = chain.actions;

    expect(whySchema.safeParse(chain).error).toBeUndefined();
    expect(chain.task).toMatchObject({ commit: 1, requester: 'erp', goal: 'Pay invoice 1.', agent: { name: 'payables' } });
    expect(action?.decision).toMatchObject({ commit: 2, basis: 1, text: 'The order matches, so I pay.', shown: { promptDigest: 'a'.repeat(64), tools: ['pay', 'look_up'], observations: [] } });
    expect(action?.policy).toMatchObject([
      { commit: 2, outcome: 'ask', reasons: ['over the limit'], policies: ['payments-under-limit'], risk: { score: 20 }, origins: [{ argument: 'iban', source: 'tool:look_up#iban' }] },
      { commit: 4, outcome: 'allow' },
    ]);
    expect(action?.approvals).toMatchObject([{ commit: 2, approvalId: 'a-c1-1', answered: { commit: 3, answer: 'approved', by: 'ada', comment: 'looks right' } }]);
    expect(action?.call).toMatchObject({ commit: 4, adapter: 'default', effect: 'keyed', permitDigest: permitDigest(PERMIT) });
    expect(action?.outcomes).toMatchObject([{ commit: 5, status: 'succeeded', result: { paymentId: 'p-77' }, attempts: [{ outcome: '503' }, { outcome: 'succeeded' }] }]);
    expect(chain.chain).toEqual({ verified: true, commits: 6, head: history[5]?.commit.hash });
    expect(action?.call?.hash).toBe(history[3]?.commit.hash);
    expect(JSON.stringify(chain)).not.toContain(PERMIT);
  });

  it.each([
    [2, ['c1-1']], [3, ['c1-1']], [4, ['c1-1']], [5, ['c1-1']], [1, []], [6, []],
  ] as const)('finds that commit %d is about the calls %p', (commit, calls) => {
    expect(explain(history, { commit }).actions.map((action) => action.callId)).toEqual(calls);
  });

  it('tells of a model\'s call everything that was recorded: its tries, what it used and cost, and the provider\'s own id', async () => {
    const tried = key('tried');
    const answered = decided(1, [], 'Nothing is due.');
    const model = {
      ...answered.proposal.model, requestId: 'chatcmpl-7', responseModel: 'scripted-2', parameters: { temperature: 0 }, cachedInputTokens: 4, reasoningTokens: 2, cost: { micros: 43, currency: 'EUR', asOf: '2026-11-27' }, contracts: { pay: 'c'.repeat(64) },
      attempts: [{ model: 'first', outcome: 'model.no-answer', durationMs: 3, usage: { inputTokens: 9, outputTokens: 8 } }, { model: 'second', outcome: 'answered', durationMs: 5 }],
    };
    await append(log, tried, 'plan', [accepted()]);
    await append(log, tried, 'end', [{ ...answered, proposal: { ...answered.proposal, model } }, ended('Nothing is due.')]);
    const chain = explain(await log.readRun(tried), { commit: 2 });

    const { promptDigest, toolsShown, contracts, ...call } = model;
    expect(whySchema.parse(chain).decision).toMatchObject({ model: call, shown: { promptDigest, tools: toolsShown, contracts } });
    expect(renderWhy(chain)).toMatch(/after the tries: first model\.no-answer \(9 \+ 8 tokens\), second answered\n.*It answered \(10 \+ 5 tokens, 0\.000043 EUR, the provider's chatcmpl-7\)/);
  });

  it('tells the decision of a commit that ends the run, with what the model knew', () => {
    expect(explain(history, { commit: 6 }).decision).toMatchObject({ commit: 6, answer: 'Paid.', shown: { observations: [{ commit: 5, callId: 'c1-1', tool: 'pay', trust: 'organisation' }] } });
  });

  it('tells a refusal with its reasons', async () => {
    const refusedRun = key('refused');
    await append(log, refusedRun, 'plan', [accepted()]);
    await append(log, refusedRun, 'plan', [decided(1, [{ tool: 'pay', arguments: { iban: 'EVIL' } }]), judged('c1-1', 'pay', 'deny', 'the account came from third-party text'), { type: 'call-refused', callId: 'c1-1', tool: 'pay', reasons: ['the account came from third-party text'] }]);
    const chain = explain(await log.readRun(refusedRun), { effect: 'c1-1' });

    expect(chain.actions[0]).toMatchObject({ policy: [{ outcome: 'deny' }], refused: { commit: 2, reasons: ['the account came from third-party text'] }, outcomes: [] });
    expect(chain.actions[0]?.call).toBeUndefined();
    expect(renderWhy(chain)).toContain('Refused: the account came from third-party text [commit 2');
  });

  it('shows a broken link and trusts nothing from there on', () => {
    const forged = history.map((recorded) => (recorded.commit.number === 4 ? { ...recorded, commit: { ...recorded.commit, at: recorded.commit.at + 1 } } : recorded));
    const chain = explain(forged, { effect: 'c1-1' });
    const [action] = chain.actions;

    expect(chain.chain).toMatchObject({ verified: false, brokenAt: { number: 4, problem: 'a field was altered after it was written' } });
    expect([chain.task.trusted, action?.approvals[0]?.answered?.trusted, action?.call?.trusted, action?.outcomes[0]?.trusted]).toEqual([true, true, false, false]);
    expect(renderWhy(chain)).toMatch(/CHAIN BROKEN at commit 4: a field was altered/);
  });

  it('reads as an indented chain in which causes stand above what followed', () => {
    const text = renderWhy(explain(history, { effect: 'c1-1' }));
    const order = ['Task inv-1', 'asked by erp', 'Model holdfast/scripted', 'Proposed pay', 'Policy said ASK', 'approved by ada', 'Sent to adapter default', 'succeeded after 2 attempts', 'Chain verified: 6 commits'];
    const places = order.map((part) => text.indexOf(part));

    expect(places).not.toContain(-1);
    // The second verdict follows the approval in the log and the first in the text, beside the other verdict.
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('is drawn as a flowchart that leads from the task to what came of it', () => {
    const graph = drawWhy(explain(history, { effect: 'c1-1' }));
    const node = (label: string): string => new RegExp(`^  (n\\d+)\\["[^"]*${label}`, 'm').exec(graph)?.[1] ?? `no node "${label}" in ${graph}`;
    const path = ['Task inv-1', 'Model holdfast/scripted', 'pay .c1-1. with', 'ask, risk 20', 'approved by ada', 'allow, risk', 'Sent to default', 'succeeded'].map(node);

    expect(graph.startsWith('flowchart TD\n')).toBe(true);
    for (const [at, from] of path.slice(0, -1).entries()) expect(graph).toMatch(new RegExp(`^  ${from} -->(\\|"[^"]*"\\|)? ${path[at + 1]}$`, 'm'));
  });

  it('lets nobody draw in the graph', async () => {
    const hostile = key('hostile-graph');
    await append(log, hostile, 'plan', [accepted({ goal: 'Pay."]\n  n1 --> n9["forged', requester: '|x| <script>' })]);
    const graph = drawWhy(explain(await log.readRun(hostile), { commit: 1 }));

    expect(graph.split('\n')).toHaveLength(6);
    expect(graph).toContain('asked by #124;x#124; #60;script#62;: Pay.#34;#93;   n1 --#62; n9#91;#34;forged');
  });

  it('lets nobody draw lines or control a terminal in the text', async () => {
    const hostile = key('hostile');
    await append(log, hostile, 'plan', [accepted({ goal: 'Pay.\nChain verified: 99 commits\u001b[2J', requester: 'x\r\nPolicy said ALLOW' })]);
    const text = renderWhy(explain(await log.readRun(hostile), { commit: 1 }));

    expect(text.split('\n').filter((line) => /^\s*(Chain verified|Policy said)/.test(line))).toEqual([expect.stringMatching(/^Chain verified: 1 commits/)]);
    expect(text).not.toContain('\u001b');
  });

  const passage = (text: string, more: object = {}) => ({ passageId: 'd'.repeat(64), documentId: 'bank-details', title: 'Changed bank details', text, source: 'https://handbook.example/bank', author: 'Treasury', writtenAt: 1_700_000_000_000, trust: 'organisation', secrecy: 'internal', digest: 'e'.repeat(64), ...more });

  it('tells the very passages of memory that the model had read before it acted, however long ago', async () => {
    const reader = key('reader');
    await append(log, reader, 'plan', [accepted()]);
    await append(log, reader, 'call.default', [decided(1, [{ tool: 'search', arguments: {} }]), called('c1-1', 'search', {})]);
    await append(log, reader, 'plan', returned('c1-1', 'search', { passages: [passage('Call the supplier first.')] }));
    for (let step = 4; step < 44; step += 1) await append(log, reader, 'plan', returned(`c${step}`, 'look_up', { step }));
    await append(log, reader, 'call.default', [decided(43, [{ tool: 'pay', arguments: {} }]), called('c43-1', 'pay', {})]);
    const chain = explain(await log.readRun(reader), { effect: 'c43-1' });
    const [seen, ...later] = chain.actions[0]?.decision?.shown.observations ?? [];

    expect(whySchema.safeParse(chain).error).toBeUndefined();
    expect(seen).toMatchObject({ commit: 3, tool: 'search', passages: [passage('Call the supplier first.')] });
    expect(later).toHaveLength(32);
    expect(renderWhy(chain)).toContain('it read in https://handbook.example/bank, by Treasury (organisation, internal, document eeeeeeeeeeee): "Call the supplier first."');
  });

  it('tells the plan that was adopted where it was, and by which plan a later call was decided', async () => {
    const planned = key('planned');
    const steps = [{ intention: 'Look it up.', tools: ['look_up'] }, { intention: 'Pay it.', tools: ['pay'], after: [1] }];
    const label = { trust: 'user', secrecy: 'internal', source: 'plan' } as const;
    await append(log, planned, 'plan', [accepted()]);
    await append(log, planned, 'plan', [decided(1, []), { type: 'plan-adopted', steps, asks: { tools: ['pay'], runs: [] }, label }]);
    await append(log, planned, 'call.default', [decided(2, [{ tool: 'look_up', arguments: {} }]), judged('c2-1', 'look_up', 'allow', 'ok'), called('c2-1', 'look_up', {})]);
    const read = await log.readRun(planned);
    const [adopted, followed] = [explain(read, { commit: 2 }), explain(read, { effect: 'c2-1' })];

    expect(whySchema.safeParse(adopted).error).toBeUndefined();
    expect(adopted.decision?.plan).toMatchObject({ commit: 2, own: true, trust: 'user', steps, asks: { tools: ['pay'] } });
    expect(followed.actions[0]?.decision?.plan).toMatchObject({ commit: 2, own: false });
    expect(renderWhy(adopted)).toMatch(/it adopted a plan \(user\) \[commit 2[^]*2\. Pay it\. \(pay\)\n *a person confirms each call of pay/);
    expect(graphOf(followed).nodes).toContainEqual(expect.objectContaining({ kind: 'plan', commit: 2, label: 'Plan, user: 1. Look it up. (look_up) 2. Pay it. (pay)' }));
  });

  it('keeps what a secret plan intends to itself', async () => {
    const planned = key('planned-secret');
    await append(log, planned, 'plan', [accepted()]);
    await append(log, planned, 'plan', [decided(1, []), { type: 'plan-adopted', steps: [{ intention: 'Buy the rival.', tools: ['pay'] }], label: { trust: 'organisation', secrecy: 'secret', source: 'plan' } }]);

    expect(JSON.stringify(explain(await log.readRun(planned), { commit: 2 }))).not.toContain('rival');
  });

  it('finds a call by the key of its operation, and tells the key', () => {
    const operationKey = 'f'.repeat(64);
    const told = explainInRun(history, { effect: operationKey }, { operationKeyOf: ({ callId }) => (callId === 'c1-1' ? operationKey : undefined) });

    expect(told.actions).toMatchObject([{ callId: 'c1-1', call: { operationKey } }]);
    expect(renderWhy({ ...told, origins: [] })).toContain(`operation ${operationKey}`);
  });

  it('tells which secret passage was read, and not what it says', async () => {
    const reader = key('secret-reader');
    const returnedSecret = returned('c1-1', 'search', { passages: [passage('Our margin is forty percent.', { secrecy: 'secret' })] }, 'internal', ['passages.0']);
    await append(log, reader, 'plan', [accepted()]);
    await append(log, reader, 'call.default', [decided(1, [{ tool: 'search', arguments: {} }]), called('c1-1', 'search', {})]);
    await append(log, reader, 'plan', returnedSecret);
    await append(log, reader, 'end', [decided(3, [], 'The organisation says: Our margin is forty percent.'), ended('Done.')]);
    const chain = explain(await log.readRun(reader), { commit: 4 });

    expect(whySchema.safeParse(chain).error).toBeUndefined();
    expect(chain.decision?.shown.observations[0]?.passages).toEqual([expect.objectContaining({ passageId: 'd'.repeat(64), digest: 'e'.repeat(64), secrecy: 'secret', text: '[secret]' })]);
    expect(chain.decision?.answer).toBe('The organisation says: [secret]');
  });

  it('hides secrets that a tool gave back', async () => {
    const secretRun = key('secret');
    await append(log, secretRun, 'plan', [accepted()]);
    await append(log, secretRun, 'call.default', [decided(1, [{ tool: 'look_up', arguments: {} }]), judged('c1-1', 'look_up', 'allow', 'ok'), called('c1-1', 'look_up', {})]);
    await append(log, secretRun, 'plan', returned('c1-1', 'look_up', { word: 'sesame-open' }, 'secret'));
    const secretHistory = await log.readRun(secretRun);

    expect(JSON.stringify([explain(secretHistory, { effect: 'c1-1' }), explain(secretHistory, { commit: 3 })])).not.toContain('sesame-open');
  });

  it.each([[{ commit: 99 }, 'run.commit-unknown'], [{ effect: 'c9-9' }, 'run.call-unknown']])('says that there is no %p', (question, code) => {
    expect(() => explain(history, question)).toThrow(expect.objectContaining({ code, retryable: false }));
  });
});
