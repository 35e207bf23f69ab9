import type { AgentDeclaration, Catalog, Label, RunEvent, ToolContract } from '@holdfast/contracts';
import { OriginIndex, authorizeCall, loadBundle, type PolicyBundle } from '@holdfast/policy-engine';
import type { Benchmark } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';
import { percentile, sum } from '../suite/statistics.ts';

const TOOLS = 100;
const POLICIES = 100;
const OBSERVATIONS = 30;
const DECISIONS = 2_000;
const TASK_TYPE = 'com.example.bench';

const nameOf = (tool: number): string => `pay_${tool}`;
const contractOf = (tool: number): ToolContract => ({
  name: nameOf(tool), description: 'Pays.', adapter: 'default', effect: 'keyed', identity: ['invoice'], roles: { invoice: 'target', cents: 'sink', memo: 'content' }, amountArgument: 'cents',
  input: { type: 'object', properties: { invoice: { type: 'string' }, cents: { type: 'integer' }, memo: { type: 'string' } }, required: ['invoice', 'cents', 'memo'], additionalProperties: false },
  output: {}, outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} }, timeoutMs: 1_000, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 1, digest: tool.toString(16).padStart(64, '0'),
});
const agent: AgentDeclaration = {
  name: 'bench', instructions: 'Pay.', model: 'instant', taskTypes: [TASK_TYPE], tools: Array.from({ length: TOOLS }, (_, tool) => nameOf(tool)), trustTier: 'trusted', inputTrust: { goal: 'user' },
  budgets: { maxSteps: 10, deadlineSeconds: 60, approvalSeconds: 60 }, digest: 'a'.repeat(64),
};

/** As deployments write them: who may use what, and limits, half of them over the arguments. */
function bundleOf(): PolicyBundle {
  const catalog: Catalog = { agents: [agent], tools: Array.from({ length: TOOLS }, (_, tool) => contractOf(tool)) };
  const policies = Array.from({ length: POLICIES }, (_, at) => {
    const scope = `principal == Agent::"bench", action == Action::"${nameOf(at)}", resource`;
    return at % 2 === 0
      ? `@id("may-${at}")\npermit (principal == Agent::"bench", action in [Action::"${nameOf(at)}", Action::"${nameOf(at + 1)}"], resource) when { context.taskType == "${TASK_TYPE}" };`
      : `@id("limit-${at}")\nforbid (${scope}) when { context.amount > ${1_000_000 + at} || context.input.memo like "*forbidden ${at}*" };`;
  });
  return loadBundle({ policies: { 'bench.cedar': policies.join('\n') }, catalog });
}

/** A run whose requester named many invoices, and that has read as many records with texts of outsiders. */
function indexOf(invoices: readonly string[]): OriginIndex {
  const user: Label = { trust: 'user', secrecy: 'internal', source: 'task.goal' };
  const events: RunEvent[] = [{
    type: 'task-accepted', agent: { name: agent.name, digest: agent.digest }, budgets: agent.budgets, labels: { goal: user },
    task: { source: '/bench', id: 'e', type: TASK_TYPE, goal: `Pay 12.00 EUR for each of ${invoices.join(', ')}.`, requester: 'clerk', input: {} },
  }];
  for (let at = 0; at < OBSERVATIONS; at += 1) {
    const label: Label = { trust: 'organisation', secrecy: 'internal', source: 'tool:look_up' };
    events.push({ type: 'tool-called', callId: `c${at}`, tool: 'look_up', adapter: 'default', effect: 'read', arguments: { invoice: invoices[at % invoices.length] ?? '' }, contractDigest: 'c'.repeat(64), permit: 'x' });
    events.push({
      type: 'observation-recorded', callId: `c${at}`, label, fields: { text: { ...label, trust: 'third-party' } },
      content: { invoice: invoices[at % invoices.length] ?? '', supplier: `Supplier ${at}`, cents: 1_200 + at, text: `Invoice of supplier ${at}, payable within ${at} days. `.repeat(20) },
    });
  }
  return OriginIndex.of(events);
}

/**
 * A decision without the way to it: roles and origins of the arguments, and Cedar over all policies, on one core. `fresh` questions
 * differ in what policies read, so that Cedar is asked; others are those that it has answered before.
 */
export const policy: Benchmark = {
  name: 'policy',
  about: `a decision at ${POLICIES} policies, ${TOOLS} tools and ${OBSERVATIONS} observations, on one core`,
  limitSeconds: 60,
  run({ options, progress }) {
    const bundle = bundleOf();
    const invoices = Array.from({ length: 40 }, (_, at) => `INV-2046-${at}`);
    const index = indexOf(invoices);
    const decide = (tool: number, memo: string): number => {
      const started = performance.now();
      const verdict = authorizeCall(bundle, {
        call: { callId: 'c', requestId: 'r', tool: nameOf(tool % TOOLS), arguments: { invoice: invoices[tool % invoices.length], cents: 1_200, memo } },
        agent, tenant: 'bench', task: { type: TASK_TYPE, requester: 'clerk' }, environment: 'bench', index,
      });
      const took = performance.now() - started;
      if (verdict.outcome !== 'allow') throw new Error(`a call that policies permit was judged "${verdict.outcome}": ${verdict.reasons.join('; ')}`);
      return took;
    };
    const decisions = Math.ceil(DECISIONS * options.scale);
    progress(`${decisions} decisions of each kind`);
    for (let round = 0; round < TOOLS; round += 1) decide(round, 'remembered');
    const fresh: number[] = [];
    const again: number[] = [];
    // In turn, so that a noisy moment falls on both.
    for (let round = 0; round < decisions; round += 1) {
      fresh.push(decide(round, `for order ${round}`));
      again.push(decide(round, 'remembered'));
    }
    const figures: readonly Figure[] = [
      { id: 'fresh_p50_ms', title: 'a decision, median', value: percentile(fresh, 0.5), unit: 'ms', floor: percentile(again, 0.5), floorTitle: 'one whose answer Cedar gave before' },
      { id: 'fresh_p99_ms', title: 'a decision, 99th percentile', value: percentile(fresh, 0.99), unit: 'ms', floor: percentile(again, 0.99), floorTitle: 'one whose answer Cedar gave before' },
      { id: 'decisions_per_core', title: 'decisions a second on one core', value: fresh.length / (sum(fresh) / 1_000), unit: '/s', floor: again.length / (sum(again) / 1_000), floorTitle: 'where Cedar answered before' },
    ];
    return Promise.resolve(figures);
  },
};
