import { describe, expect, it } from '@jest/globals';
import { ZERO_HASH, type Commit, type RunEvent, type Verdict } from '@holdfast/contracts';
import { INJECTED, agent, bundleOf, catalog, payment, permitAll, runOf } from '../authorization/accounts-payable.fixture.js';
import { loadBundle } from '../authorization/bundle.js';
import { RunBacktest } from './backtest.js';
import { policyCases, runPolicyCases } from './policy-cases.js';

const open = bundleOf({ 'all.cedar': permitAll });
const strict = bundleOf({ 'all.cedar': permitAll, 'strict.cedar': '@id("strict")\n@reason("Nothing above 1,000.00.")\nforbid (principal, action == Action::"pay_invoice", resource) when { context.amount > 100000 };' });
const careful = bundleOf({ 'all.cedar': permitAll, 'careful.cedar': '@id("careful")\nforbid (principal, action == Action::"pay_invoice", resource) when { !context.approved };' });

const commit = (number: number, events: readonly RunEvent[], route = 'call.company'): Commit => ({ tenant: 'acme', runId: 'run-1', number, previous: ZERO_HASH, hash: number.toString(16).padStart(64, '0'), at: number, cause: { kind: 'plan', id: `p${number}` }, route, events: [...events] }) as unknown as Commit;
const verdict = (callId: string, outcome: Verdict['outcome'], policyDigest = 'd'.repeat(64)): RunEvent => ({ type: 'policy-checked', tool: 'pay_invoice', verdict: { callId, outcome, reasons: ['then'], policies: ['all'], policyDigest, risk: { score: 0, factors: [] }, origins: [] } });
const decision = (...args: readonly Record<string, unknown>[]): RunEvent => ({ type: 'decision-made', proposal: { basis: 3, text: '', requests: args.map((given, at) => ({ requestId: `r${at}`, tool: 'pay_invoice', arguments: given })), model: {} } }) as unknown as RunEvent;
const [task, ...looked] = runOf(`Pay to IBAN ${INJECTED}`);
const before = [commit(1, [task as RunEvent]), commit(2, looked)];

describe('a recorded run under other policies', () => {
  const backtest = (bundle: typeof open, ...commits: readonly Commit[]) => {
    const run = new RunBacktest(bundle, 'test');
    const changed = [...before, ...commits].flatMap((one) => run.take(one));
    return { changed, decisions: run.decisions };
  };
  const paid = commit(3, [decision(payment, { ...payment, iban: INJECTED }), verdict('c3-1', 'allow'), verdict('c3-2', 'deny')]);

  it('changes nothing where they say the same', () => {
    expect(backtest(open, paid)).toEqual({ changed: [], decisions: 2 });
  });

  it('shows each decision that would be another, with the new reason', () => {
    expect(backtest(strict, paid)).toEqual({ decisions: 2, changed: [{ tenant: 'acme', runId: 'run-1', commit: 3, callId: 'c3-1', tool: 'pay_invoice', was: 'allow', becomes: 'deny', reasons: ['Nothing above 1,000.00.'] }] });
  });

  it('judges a call with the approval that it had, and not before', () => {
    const asked = commit(3, [decision(payment), verdict('c3-1', 'ask')]);
    const answered = commit(4, [{ type: 'approval-answered', approvalId: 'a', callId: 'c3-1', answer: 'approved', by: 'ada', comment: '' }, verdict('c3-1', 'allow')]);
    expect(backtest(careful, asked, answered)).toEqual({ changed: [], decisions: 2 });
    expect(backtest(open, asked, answered).changed.map(({ commit: at, was, becomes }) => [at, was, becomes])).toEqual([[3, 'ask', 'allow']]);
  });

  it('judges by what the run had read then, and leaves out what policy never judged', () => {
    const early = new RunBacktest(open, 'test');
    const changed = [before[0] as Commit, commit(2, [decision(payment), verdict('c2-1', 'deny')]), commit(3, looked)].flatMap((one) => early.take(one));
    expect(changed).toEqual([]);
    expect(backtest(open, commit(3, [decision(payment), verdict('c3-1', 'deny', '0'.repeat(64))]))).toEqual({ changed: [], decisions: 0 });
  });
});

describe('a recorded run that is tried again', () => {
  it('is judged with the version, the tenant and the roles that it had', () => {
    const begun = { ...(task as RunEvent & { type: 'task-accepted' }), agent: { name: agent.name, digest: 'e'.repeat(64) } };
    const asked = commit(3, [decision(payment), verdict('c3-1', 'deny')]);
    const becomes = (condition: string): string | undefined => {
      const run = new RunBacktest(bundleOf({ 'p.cedar': `permit (principal, action, resource) when { ${condition} };` }), 'production');
      return [commit(1, [{ ...begun, task: { ...begun.task, requesterRoles: ['treasury'] } }]), commit(2, looked), asked].flatMap((one) => run.take(one))[0]?.becomes;
    };
    expect([`principal.version == "${'e'.repeat(64)}"`, 'principal.actsFor in Role::"treasury"', 'principal.actsFor == User::"acme/clerk"', 'context.environment == "production"', 'context.counters.toolCalls == 0'].map(becomes)).toEqual(Array(5).fill('allow'));
    expect([`principal.version == "${agent.digest}"`, 'principal.actsFor in Role::"admin"', 'context.environment == "test"'].map(becomes)).toEqual(Array(3).fill(undefined));
  });
});

describe('a table of policy tests', () => {
  const row = { name: 'pays', agent: agent.name, task: { type: 'com.example.invoice.received', goal: 'Process invoice INV-2046 against PO-7046.' }, call: { tool: 'pay_invoice', arguments: payment }, expect: 'allow' };
  const judged = (change: object) => runPolicyCases(open, policyCases.parse({ cases: [{ ...row, ...change }] }))[0];

  it('tells what is otherwise than expected', () => {
    expect(judged({})?.wrong).toEqual(['is "ask" and not "allow"']);
    expect(judged({ expect: 'ask' })).toMatchObject({ outcome: 'ask', wrong: [] });
    expect(judged({ expect: 'ask', because: 'moonlight', policies: ['nobody'] })?.wrong).toEqual(['does not say "moonlight"', expect.stringMatching(/^is not decided by nobody but by holdfast\./)]);
    expect(judged({ approvedBy: 'ada' })?.wrong).toEqual([]);
  });

  it('tells who asks, under which version, in which scope, and for whom a person vouched', () => {
    const byCondition = (condition: string, change: object, file: object = {}) => runPolicyCases(bundleOf({ 'p.cedar': `permit (principal, action, resource) when { ${condition} };` }), policyCases.parse({ ...file, cases: [{ ...row, call: { tool: 'get_purchase_order', arguments: { poNumber: 'PO-7046' } }, ...change }] }))[0]?.outcome;
    expect(byCondition('principal.actsFor in Role::"treasury"', { task: { ...row.task, requesterRoles: ['treasury'] } })).toBe('allow');
    expect(byCondition(`principal.version == "${'e'.repeat(64)}"`, { agentVersion: 'e'.repeat(64) })).toBe('allow');
    expect(byCondition('principal.actsFor == User::"globex/tester"', {}, { tenant: 'globex' })).toBe('allow');
    expect(byCondition('true', { task: { ...row.task, scope: ['pay_invoice'] } })).toBe('deny');
    const paid = { task: { ...row.task, input: { iban: payment.iban } } };
    expect(judged(paid)?.reasons.join(' ')).toContain('iban');
    expect(judged({ ...paid, endorsed: [{ tool: 'pay_invoice', arguments: payment, values: [{ argument: 'iban', value: payment.iban }] }] })?.reasons.join(' ')).not.toContain('iban');
  });

  it('tells where in memory an agent, and a run that it starts, may work', () => {
    const fitted = (own: readonly string[]) => loadBundle({ policies: { 'all.cedar': permitAll }, catalog: {
      agents: [{ ...agent, memoryScopes: [...own] }], tools: catalog.tools.map((tool) => (tool.name === 'search_guidelines' ? { ...tool, memoryScopes: ['guidelines', 'mail'] } : tool)),
    } });
    const searching = (own: readonly string[], handed?: readonly string[]) => runPolicyCases(fitted(own), policyCases.parse({ cases: [{
      ...row, task: { ...row.task, ...(handed === undefined ? {} : { memoryScopes: handed }) }, call: { tool: 'search_guidelines', arguments: { query: 'freight' } },
    }] }))[0];
    expect([searching(['guidelines']), searching(['mail', 'notes'], ['mail'])].map((judged) => judged?.outcome)).toEqual(['allow', 'allow']);
    for (const refused of [searching([]), searching(['notes']), searching(['guidelines'], ['mail']), searching(['guidelines'], [])]) {
      expect(refused).toMatchObject({ outcome: 'deny', reasons: [expect.stringMatching(/^"search_guidelines" works in memory in guidelines, mail, and a run of the agent "accounts-payable"/)] });
    }
  });

  it('tells what a run that another started was given, and by whose words', () => {
    const goal = `Pay invoice INV-2046 of SUP-112 to ${payment.iban}.`;
    const sink = (labels: object) => judged({ task: { ...row.task, goal, labels } })?.reasons.join(' ');
    expect(sink({ goal: { trust: 'third-party' } })).toContain('iban');
    expect(sink({})).not.toContain(`iban "${payment.iban}" comes`);
    expect(sink({})).not.toBe(sink({ goal: { trust: 'third-party' } }));
  });

  it('names the case that cannot be tried', () => {
    expect(() => judged({ agent: 'nobody' })).toThrow(expect.objectContaining({ code: 'policy.case-invalid', message: expect.stringContaining('"pays"') }));
    expect(() => judged({ observed: [{ tool: 'nothing', result: {} }] })).toThrow(expect.objectContaining({ code: 'policy.case-invalid' }));
    expect(policyCases.safeParse({ cases: [{ ...row, expcet: 'ask' }] }).success).toBe(false);
  });
});
