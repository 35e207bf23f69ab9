import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { declaredAgents } from '@holdfast/agent-registry';
import { authorizeAnswer, type AuthorizeRequest, type Catalog, type PlannedCall, type RecordedCommit, type RunEvent, type Verdict } from '@holdfast/contracts';
import { argumentsDigest, loadBundle, permitKeys, verifyPermit } from '@holdfast/policy-engine';
import { exportJWK, generateKeyPair } from 'jose';
import { PermitSigner } from '../permits/permit-signer.js';
import { Authorizer } from './authorizer.js';
import { INJECTED, KEY, NOW, REAL, accepted, catalog, catalogInTier, commitsOf, order } from './run.fixture.js';

const folder = new URL('../../../../examples/accounts-payable/policies/', import.meta.url);
const policies = Object.fromEntries(readdirSync(folder).filter((name) => name.endsWith('.cedar')).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));

async function deployment(events: readonly RunEvent[], from: Catalog = catalog, extra: Readonly<Record<string, string>> = {}) {
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  const signer = await PermitSigner.create(JSON.stringify(await exportJWK(pair.privateKey)), 60);
  const log = { commits: commitsOf(events), reads: 0 };
  const bundle = loadBundle({ policies: { ...policies, ...extra }, catalog: from });
  const readAfter = async (_: unknown, after: number, head?: RecordedCommit): Promise<readonly RecordedCommit[]> => {
    log.reads += 1;
    return log.commits.filter(({ commit }) => commit.number > after && commit.number <= (head?.commit.number ?? Infinity));
  };
  const authorizer = new Authorizer({ bundles: { current: () => bundle }, agents: { ...declaredAgents([...from.agents, ...catalog.agents]), isOffered: (name) => from.agents.some((agent) => agent.name === name) }, log: { readAfter }, signer, environment: 'test', clock: () => NOW });
  const authorize = async (call: PlannedCall, more: Partial<AuthorizeRequest> = {}): Promise<Verdict> => {
    const answer = authorizeAnswer.parse(await authorizer.authorize({ ...KEY, head: log.commits.length, calls: [call], ...more }));
    const verdict = answer.verdicts[0];
    if (verdict === undefined) throw new Error('no verdict');
    return verdict;
  };
  return { authorizer, authorize, signer, log };
}

const call = (tool: string, args: Record<string, unknown>): PlannedCall => ({ callId: 'call-2', requestId: 'r', tool, arguments: args });
const payment = (overrides: Record<string, unknown> = {}) => call('pay_invoice', { supplierId: 'SUP-112', poNumber: 'PO-7046', invoiceNumber: 'INV-2046', iban: REAL, amountCents: 330000, currency: 'EUR', ...overrides });
const read = [accepted, order(330000)];

describe('the accounts-payable policies', () => {
  it('show the agent its tools, and an untrusted one no payments', async () => {
    expect((await (await deployment(read)).authorizer.visible(KEY)).tools).toEqual(['get_purchase_order', 'search_guidelines', 'pay_invoice', 'send_dispute', 'escalate_invoice']);
    expect((await (await deployment(read, catalogInTier('untrusted'))).authorizer.visible(KEY)).tools).not.toContain('pay_invoice');
  });

  it.each<[string, PlannedCall, Verdict['outcome'], string]>([
    ['looking up the order', call('get_purchase_order', { poNumber: 'PO-7046' }), 'allow', 'may look up'],
    ['searching the guidelines', call('search_guidelines', { query: 'partial deliveries' }), 'allow', 'may look up'],
    ['paying what the order says', payment(), 'allow', 'may pay it'],
    ['paying an account that only the invoice names', payment({ iban: INJECTED }), 'deny', `The value "LT20…0617" for "iban" comes only from text written outside the organisation`],
    ['paying an amount that nobody stated', payment({ amountCents: 12345 }), 'ask', 'A person must confirm it.'],
    ['paying nothing', payment({ amountCents: 0 }), 'deny', 'more than nothing'],
    ['disputing with the supplier on record', call('send_dispute', { to: 'geral@corvo-print.example', reference: 'INV-2046', subject: 'INV-2046', body: 'Line 2 differs from our order.' }), 'allow', 'dispute it'],
    ['escalating', call('escalate_invoice', { reference: 'INV-2046', reason: 'The bank account differs.', summary: 'The invoice names another bank account than the order.' }), 'allow', 'escalate it'],
    ['an amount in words', payment({ amountCents: 'much' }), 'deny', '"amountCents" must be integer'],
    ['a tool outside the declaration', call('delete_supplier', {}), 'deny', 'no tool named'],
  ])('judge %s', async (_, planned, outcome, words) => {
    const verdict = await (await deployment(read)).authorize(planned);

    expect([verdict.outcome, verdict.reasons.join(' '), verdict.permit !== undefined]).toEqual([outcome, expect.stringContaining(words), outcome === 'allow']);
  });

  it('know for whom the run works, with roles and tenant, and the version that it was accepted with', async () => {
    const begun = { ...accepted, agent: { ...accepted.agent, digest: 'e'.repeat(64) }, task: { ...accepted.task, requesterRoles: ['treasury'] } };
    const lookUp = call('get_purchase_order', { poNumber: 'PO-7046' });
    for (const [condition, expected] of [
      ['principal.actsFor in Role::"treasury"', true], ['principal.actsFor in Role::"admin"', false],
      [`principal.actsFor == User::"${KEY.tenant}/${accepted.task.requester}"`, true], [`principal.actsFor == User::"other/${accepted.task.requester}"`, false], [`context.tenant == "${KEY.tenant}"`, true],
      [`principal.version == "${'e'.repeat(64)}"`, true], [`principal.version == "${accepted.agent.digest}"`, false],
    ] as const) {
      const { authorizer, authorize } = await deployment([begun, order(330000)], { ...catalog, agents: catalog.agents.map((agent) => ({ ...agent, digest: begun.agent.digest })) }, { 'only.cedar': `forbid (principal, action, resource) unless { ${condition} };` });
      expect([condition, (await authorize(lookUp)).outcome === 'allow', (await authorizer.visible(KEY)).tools.includes('get_purchase_order')]).toEqual([condition, expected, expected]);
    }
  });

  it('are not asked under another contract than the asker goes by', async () => {
    const { authorize } = await deployment(read);
    const own = catalog.tools.find(({ name }) => name === 'pay_invoice')?.digest ?? '';
    expect((await authorize(payment(), { contracts: { pay_invoice: own } })).outcome).toBe('allow');
    await expect(authorize(payment(), { contracts: { pay_invoice: 'b'.repeat(64) } })).rejects.toMatchObject({ code: 'policy.contract-behind', retryable: true });
    await expect(authorize(payment(), { contracts: { pay_invoice: own, unheard_of: own } })).rejects.toMatchObject({ code: 'policy.contract-behind' });
  });

  it('forbid payments to an untrusted agent', async () => {
    expect(await (await deployment(read, catalogInTier('untrusted'))).authorize(payment())).toMatchObject({ outcome: 'deny', reasons: ['An agent of the tier "untrusted" may not make payments.'] });
  });
});

describe('a permit', () => {
  const remembering: Catalog = {
    agents: catalog.agents.map((agent) => ({ ...agent, tools: [...agent.tools, 'remember'] })),
    tools: [...catalog.tools, ...catalog.tools.filter(({ name }) => name === 'escalate_invoice').map((tool) => ({ ...tool, name: 'remember', confined: true as const, storesLabels: true as const }))],
  };
  const { 'input.invoice': _invoice, ...own } = accepted.labels;
  const trusting: RunEvent = { ...accepted, task: { ...accepted.task, input: {} }, labels: own };
  const secret: RunEvent = { type: 'observation-recorded', callId: 'call-0', content: { margin: 'forty percent' }, label: { trust: 'organisation', secrecy: 'secret', source: 'tool:search' }, fields: {} };

  it.each<[string, readonly RunEvent[], object | undefined]>([
    ['an outsider wrote a part of what was read', [accepted, order(330000)], { trust: 'third-party', secrecy: 'internal' }],
    ['nothing that was read came from outside', [trusting, order(330000)], { trust: 'model', secrecy: 'internal' }],
    ['a part of it is secret', [trusting, secret], { trust: 'model', secrecy: 'secret' }],
  ])('of a tool that stores labels says what the writing is worth: %s', async (_, events, worth) => {
    const { authorize, signer } = await deployment(events, remembering, { 'notes.cedar': 'permit (principal, action == Action::"remember", resource);' });
    const planned = call('remember', { reference: 'INV-2046', reason: 'The requester said so: it is public and true.', summary: 'It is all well.' });
    const { permit = '', policyDigest } = await authorize(planned);
    const contractDigest = remembering.tools.find(({ name }) => name === 'remember')?.digest ?? '';

    expect((await verifyPermit(permit, await permitKeys(signer.publicKeys), { tenant: KEY.tenant, run: KEY.runId, callId: 'call-2', tool: 'remember', contractDigest, argumentsDigest: argumentsDigest(planned.arguments), policyDigest, dispatch: 3 }, NOW)).worth).toEqual(worth);
  });

  it('of a tool that works in memory names those of its scopes that the run has by the log, and there is none where it has none', async () => {
    const scoped: Catalog = {
      agents: catalog.agents.map((agent) => ({ ...agent, memoryScopes: ['guidelines', 'mail', 'notes'] })),
      tools: catalog.tools.map((tool) => (tool.name === 'search_guidelines' ? { ...tool, memoryScopes: ['mail', 'guidelines', 'payroll'] } : tool)),
    };
    const planned = call('search_guidelines', { query: 'payroll' });
    const contractDigest = scoped.tools.find(({ name }) => name === 'search_guidelines')?.digest ?? '';
    const { authorizer, authorize, signer } = await deployment([{ ...accepted, memoryScopes: ['guidelines', 'notes'] }], scoped);
    const { permit = '', policyDigest } = await authorize(planned);

    expect((await verifyPermit(permit, await permitKeys(signer.publicKeys), { tenant: KEY.tenant, run: KEY.runId, callId: 'call-2', tool: 'search_guidelines', contractDigest, argumentsDigest: argumentsDigest(planned.arguments), policyDigest, dispatch: 2 }, NOW)).memoryScopes).toEqual(['guidelines']);
    expect((await authorizer.visible(KEY)).tools).toContain('search_guidelines');
    // What the version of the agent has counts only as far as the run was begun with it.
    for (const begun of [accepted, { ...accepted, memoryScopes: ['notes'] }]) {
      const other = await deployment([begun], scoped);
      expect(await other.authorize(planned)).toMatchObject({ outcome: 'deny', reasons: [expect.stringContaining('works in memory in mail, guidelines, payroll')] });
      expect((await other.authorizer.visible(KEY)).tools).not.toContain('search_guidelines');
    }
  });

  it('of any other tool says nothing of that', async () => {
    const { authorize, signer } = await deployment(read);
    const { permit = '', policyDigest } = await authorize(payment());
    const contractDigest = catalog.tools.find(({ name }) => name === 'pay_invoice')?.digest ?? '';

    expect((await verifyPermit(permit, await permitKeys(signer.publicKeys), { tenant: KEY.tenant, run: KEY.runId, callId: 'call-2', tool: 'pay_invoice', contractDigest, argumentsDigest: argumentsDigest(payment().arguments), policyDigest, dispatch: 3 }, NOW)).worth).toBeUndefined();
  });

  it('is for exactly the call that was allowed', async () => {
    const { authorize, signer } = await deployment(read);
    const verdict = await authorize(payment());
    const expected = { tenant: 'acme', run: 'run-1', callId: 'call-2', tool: 'pay_invoice', contractDigest: 'c'.repeat(64), argumentsDigest: argumentsDigest(payment().arguments), policyDigest: verdict.policyDigest, dispatch: read.length + 1 };
    const keys = await permitKeys(signer.publicKeys);

    expect(await verifyPermit(verdict.permit ?? '', keys, expected, NOW)).toMatchObject({ policyDigest: verdict.policyDigest, exp: NOW / 1000 + 60 });
    await expect(verifyPermit(verdict.permit ?? '', keys, { ...expected, argumentsDigest: argumentsDigest(payment({ iban: INJECTED }).arguments) }, NOW)).rejects.toMatchObject({ code: 'permit.mismatch' });
  });
});

describe('an approval', () => {
  const large = payment({ amountCents: 1428000 });
  const requested: RunEvent = { type: 'approval-requested', approvalId: 'ap-1', callId: 'call-2', tool: 'pay_invoice', arguments: large.arguments, reasons: ['large'], expiresAt: NOW + 1000 };
  const answered: RunEvent = { type: 'approval-answered', approvalId: 'ap-1', callId: 'call-2', answer: 'approved', by: 'boss', comment: '' };
  const run = [accepted, order(1428000)];
  /** What the log holds when the call has been judged and a person is asked. */
  const askedAbout = async (planned: PlannedCall, events: readonly RunEvent[] = run, extra: Readonly<Record<string, string>> = {}): Promise<readonly RunEvent[]> => {
    const { permit: _permit, ...verdict } = await (await deployment(events, catalog, extra)).authorize(planned);
    return [...events, { type: 'policy-checked', tool: planned.tool, verdict }, { ...requested, tool: planned.tool, arguments: planned.arguments } as RunEvent];
  };
  const approval = { approvalId: 'ap-1', by: 'boss', at: NOW };

  it('is asked for with the reason of the limit, and then lifts it', async () => {
    expect(await (await deployment(run)).authorize(large)).toMatchObject({ outcome: 'ask', reasons: ['A payment of more than 10,000.00 needs the approval of a second person.'] });
    expect((await (await deployment([...(await askedAbout(large)), answered])).authorize(large, { approval })).outcome).toBe('allow');
  });

  it('is asked for again when policies, contracts or agents have changed since', async () => {
    const events = [...(await askedAbout(large)), answered];
    const [first, ...others] = catalog.tools;
    const changed: readonly (readonly [Catalog, Record<string, string>])[] = [
      [catalog, { 'more.cedar': '@id("more")\nforbid (principal, action == Action::"escalate_invoice", resource);' }],
      [{ ...catalog, tools: [{ ...first as Catalog['tools'][number], digest: 'd'.repeat(64) }, ...others] }, {}],
      [{ ...catalog, agents: catalog.agents.map((agent) => ({ ...agent, digest: 'd'.repeat(64) })) }, {}],
    ];
    for (const [from, extra] of changed) {
      expect(await (await deployment(events, from, extra)).authorize(large, { approval })).toMatchObject({ outcome: 'ask', reasons: ['What boss approved has changed.', 'Policies or contracts have changed since.', expect.anything()] });
    }
  });

  it('is asked for again when something stands in the way that nobody was shown', async () => {
    const letter = call('send_dispute', { to: 'geral@corvo-print.example', reference: 'INV-2046', subject: 'INV-2046', body: 'Line 2 differs.' });
    const extra = { 'letters.cedar': '@id("letters")\n@reason("A person looks at every letter.")\nforbid (principal, action == Action::"send_dispute", resource) when { !context.approved };' };
    const secret: RunEvent = { type: 'observation-recorded', callId: 'call-7', content: { code: '463820' }, label: { trust: 'organisation', secrecy: 'secret', source: 'tool:vault' }, fields: {} };
    const asked = await askedAbout(letter, read, extra);
    expect((await (await deployment([...asked, answered], catalog, extra)).authorize(letter, { approval })).outcome).toBe('allow');
    expect(await (await deployment([...asked, secret, answered], catalog, extra)).authorize(letter, { approval })).toMatchObject({ outcome: 'ask', reasons: expect.arrayContaining(['What boss approved has changed.', 'The risk is 50 now, and was 30.', expect.stringContaining('may hold something secret')]) });
  });

  it('by somebody whom a policy does not let approve is not enough, and another is asked', async () => {
    const own = { ...answered, by: 'clerk' } as RunEvent;
    expect(await (await deployment([...(await askedAbout(large)), own])).authorize(large, { approval: { ...approval, by: 'clerk' } })).toMatchObject({ outcome: 'ask', reasons: [expect.stringContaining('The approval by clerk is not enough.')] });
  });

  it('follows the rules on approvals: roles, two people where the risk says so, and nothing beyond', async () => {
    const rules = (value: unknown): Record<string, string> => ({ 'approvals.json': JSON.stringify(value) });
    const two = rules({ risk: { approve: 30, twoPersons: 35, deny: 90 }, roles: ['treasury'], escalation: { afterSeconds: 60, roles: ['cfo'] } });
    const counted = (by: string, ...roles: string[]): RunEvent => ({ type: 'approval-counted', approvalId: 'ap-1', callId: 'call-2', by, roles, comment: '' });
    const second = (by: string, ...roles: string[]): RunEvent => ({ type: 'approval-answered', approvalId: 'ap-1', callId: 'call-2', answer: 'approved', by, roles, comment: '' });
    const asked = await askedAbout(large, run, two);
    expect(asked.find((event) => event.type === 'policy-checked')).toMatchObject({ verdict: { outcome: 'ask', needs: { persons: 2, roles: ['treasury'], escalation: { roles: ['cfo'] } } } });
    const outcome = async (...answers: readonly RunEvent[]): Promise<readonly [string, string]> => {
      const verdict = await (await deployment([...asked, ...answers], catalog, two)).authorize(large, { approval });
      return [verdict.outcome, verdict.reasons.join(' ')];
    };
    expect(await outcome(counted('ada', 'treasury'), second('boss', 'treasury', 'x'))).toEqual(['allow', expect.anything()]);
    expect(await outcome(second('boss', 'treasury'))).toEqual(['ask', expect.stringContaining('Two different people')]);
    expect(await outcome(counted('boss', 'treasury'), second('boss', 'treasury'))).toEqual(['ask', expect.stringContaining('Two different people')]);
    expect(await outcome(counted('ada', 'sales'), second('boss', 'treasury'))).toEqual(['ask', expect.stringContaining('ada has none of the roles treasury')]);
    expect(await outcome(counted('ada', 'treasury'), second('boss', 'cfo'))).toEqual(['ask', expect.stringContaining('boss has none of the roles')]);
    expect(await outcome({ type: 'approval-escalated', approvalId: 'ap-1', callId: 'call-2', roles: ['cfo'] }, counted('ada', 'treasury'), second('boss', 'cfo'))).toEqual(['allow', expect.anything()]);
    expect(await outcome(counted('clerk', 'treasury'), second('boss', 'treasury'))).toEqual(['ask', expect.stringContaining('is not enough')]);
    expect(await (await deployment(read, catalog, rules({ risk: { approve: 30 } }))).authorize(payment())).toMatchObject({ outcome: 'ask', reasons: [expect.stringContaining('The risk of this call is')] });
    expect(await (await deployment(read, catalog, rules({ risk: { deny: 30 } }))).authorize(payment())).toMatchObject({ outcome: 'deny' });
    await expect(deployment(read, catalog, rules({ risk: { approve: 50, deny: 30 } }))).rejects.toMatchObject({ code: 'policy.bad-approvals' });
  });

  it('of a value lasts for the run, for this argument of this tool, whoever edited or endorsed it', async () => {
    const odd = payment({ amountCents: 12345 });
    const asked = await askedAbout(odd, read);
    const endorsed: RunEvent = { type: 'approval-answered', approvalId: 'ap-1', callId: 'call-2', answer: 'endorsed', by: 'boss', comment: '', values: [{ argument: 'amountCents', value: 12345 }] };
    const { authorize } = await deployment([...asked, endorsed]);
    expect(await authorize(odd)).toMatchObject({ outcome: 'allow', origins: expect.arrayContaining([expect.objectContaining({ argument: 'amountCents', trust: 'endorsed', source: 'person:boss' })]) });
    expect((await authorize(payment({ amountCents: 12346 }))).outcome).toBe('ask');
    // It approves no call, and says nothing of another argument.
    expect((await authorize(odd, { approval })).reasons).toEqual(['boss endorsed the call.']);
    expect((await authorize(payment({ invoiceNumber: '12345' }))).outcome).toBe('ask');
  });

  it('counts when it was asked for again, because the call was parked before it was made', async () => {
    const sent: RunEvent = { type: 'tool-called', callId: 'call-2', tool: 'pay_invoice', adapter: 'company', effect: 'keyed', arguments: large.arguments, contractDigest: 'c'.repeat(64), permit: 'x' };
    const held: RunEvent[] = [sent, { type: 'call-parked', callId: 'call-2', tool: 'pay_invoice', reason: 'narrowed', quarantine: 17 }, { type: 'call-released', callId: 'call-2', tool: 'pay_invoice', by: 'ada', reason: '', quarantine: 17 }];
    expect((await (await deployment([...(await askedAbout(large, [...run, ...held])), answered])).authorize(large, { approval })).outcome).toBe('allow');
  });

  it.each<[string, readonly RunEvent[], PlannedCall, string]>([
    ['the log does not have it', run, large, 'has no approval'],
    ['nobody answered', [...run, requested], large, 'Nobody has answered'],
    ['it was rejected', [...run, requested, { ...answered, answer: 'rejected' }], large, 'boss rejected'],
    ['it was approved after a rejection', [...run, requested, { ...answered, answer: 'rejected' }, answered], large, 'boss rejected'],
    ['it is for other arguments', [...run, requested, answered], payment({ amountCents: 1428000, invoiceNumber: 'INV-1' }), 'not those that boss approved'],
    ['it is for another call', [...run, { ...requested, callId: 'call-7' }, { ...answered, callId: 'call-7' }], large, 'for another call'],
    ['the question was whether the effect had happened', [...run, { type: 'tool-called', callId: 'call-2', tool: 'pay_invoice', adapter: 'company', effect: 'keyed', arguments: large.arguments, contractDigest: 'c'.repeat(64), permit: 'x' }, requested, answered], large, 'has no approval'],
    ['it came too late', [...run, { ...requested, expiresAt: NOW }, answered], large, 'after its time'],
  ])('is worthless where %s', async (_, events, planned, words) => {
    expect(await (await deployment(events)).authorize(planned, { approval })).toMatchObject({ outcome: 'deny', reasons: [expect.stringContaining(words)] });
  });

  it('does not lift the refusal of an account that only outside text names', async () => {
    const injected = payment({ iban: INJECTED });
    const events = [...read, { ...requested, arguments: injected.arguments }, answered];

    expect((await (await deployment(events)).authorize(injected, { approval })).outcome).toBe('deny');
  });
});

describe('the run', () => {
  it('is judged by commits that come later than the first question, and by another history when there is one', async () => {
    const { authorize, log } = await deployment([accepted]);
    expect((await authorize(payment())).outcome).toBe('ask');
    log.commits = commitsOf(read);
    expect((await authorize(payment())).outcome).toBe('allow');
    log.commits = commitsOf([accepted, order(5)], 1);
    expect((await authorize(payment(), { tail: [...log.commits] })).outcome).toBe('ask');
  });

  it('is judged by the commits that its writer hands on, without a read where they continue what is known', async () => {
    const { authorize, log } = await deployment([accepted]);
    expect((await authorize(payment(), { tail: [...log.commits] })).outcome).toBe('ask');
    log.commits = commitsOf(read);
    expect((await authorize(payment(), { tail: log.commits.slice(1) })).outcome).toBe('allow');
    expect(log.reads).toBe(0);
    // Handed on again, they are passed over.
    expect((await authorize(payment(), { tail: [...log.commits] })).outcome).toBe('allow');
    expect(log.reads).toBe(0);
  });

  it('is read where what is handed on does not reach back to what is known, is of another history or of another run', async () => {
    const { authorize, log } = await deployment(read);
    expect((await authorize(payment(), { tail: log.commits.slice(1) })).outcome).toBe('allow');
    expect(log.reads).toBe(1);
    log.commits = commitsOf([accepted, order(330000), order(5)], 1);
    expect((await authorize(payment({ amountCents: 5 }), { tail: log.commits.slice(2) })).outcome).toBe('allow');
    expect(log.reads).toBe(2);
    const others = log.commits.map((recorded) => ({ ...recorded, commit: { ...recorded.commit, runId: 'run-2', number: recorded.commit.number + 3 } }));
    await expect(authorize(payment(), { head: 6, tail: others })).rejects.toMatchObject({ code: 'policy.log-behind' });
  });

  it('must be in the log up to the commit that the asker knows', async () => {
    const { authorize } = await deployment(read);

    await expect(authorize(payment(), { head: 3 })).rejects.toMatchObject({ code: 'policy.log-behind', retryable: true });
    await expect((await deployment([])).authorizer.visible(KEY)).rejects.toMatchObject({ code: 'policy.unknown-run' });
  });

  it('may do nothing more once it has ended or its agent is gone', async () => {
    expect(await (await deployment([...read, { type: 'run-ended', status: 'cancelled', reason: 'x' }])).authorize(payment())).toMatchObject({ outcome: 'deny', reasons: ['The run has ended.'] });
    expect(await (await deployment(read, { ...catalog, agents: [] })).authorize(payment())).toMatchObject({ outcome: 'deny', reasons: ['The agent "accounts-payable" is no longer declared.'] });
  });
});
