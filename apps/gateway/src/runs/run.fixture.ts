import { InMemoryEventLog, type AppendableDraft, type EventLog } from '@holdfast/event-log';
import type { RecordedCommit, Route, RunEvent, RunEventOf, RunKey } from '@holdfast/contracts';

export const PARTITIONS = 2;
export const PERMIT = 'eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiJjMS0xIn0.c2lnbmF0dXJl';
const DIGEST = 'd'.repeat(64);
const START = Date.UTC(2026, 0, 1);

export const key = (runId: string, tenant = 'acme'): RunKey => ({ tenant, runId });

/** Appends one commit to a run and returns it; a second of pretended time passes between commits. */
export async function append(log: EventLog, run: RunKey, route: Route, events: readonly RunEvent[], causeId = 'cause'): Promise<RecordedCommit> {
  const head = await log.head(run);
  const number = (head?.commit.number ?? 0) + 1;
  const draft: AppendableDraft = { route, events, at: START + number * 1_000, cause: { kind: 'task', id: `${causeId}:${number}` } };
  const result = await log.append(run, draft, head);
  if (result.status !== 'appended') throw new Error(`not appended: ${result.status}`);
  return result.recorded;
}

export const accepted = (overrides: Partial<RunEventOf<'task-accepted'>['task']> = {}): RunEventOf<'task-accepted'> => ({
  type: 'task-accepted',
  task: { source: '/invoices', id: 'inv-1', type: 'invoice.received', goal: 'Pay invoice 1.', input: { amount: 1200 }, requester: 'erp', ...overrides },
  agent: { name: 'payables', digest: DIGEST },
  budgets: { maxSteps: 10, deadlineSeconds: 3600, approvalSeconds: 600 },
  labels: { goal: { trust: 'user', secrecy: 'internal', source: 'task.goal' } },
});

export const decided = (basis: number, requests: readonly { tool: string; arguments: Record<string, unknown> }[], answer?: string): RunEventOf<'decision-made'> => ({
  type: 'decision-made',
  proposal: {
    basis, text: requests.length === 0 ? '' : 'The order matches, so I pay.', requests: requests.map((request, index) => ({ requestId: `q${index}`, ...request })),
    ...(answer === undefined ? {} : { answer }),
    model: { name: 'scripted', provider: 'holdfast', promptDigest: 'a'.repeat(64), toolsShown: ['pay', 'look_up'], inputTokens: 10, outputTokens: 5, finishReason: 'stop', durationMs: 3 },
  },
});

export const judged = (callId: string, tool: string, outcome: 'allow' | 'ask' | 'deny', reason: string): RunEventOf<'policy-checked'> => ({
  type: 'policy-checked', tool,
  verdict: {
    callId, outcome, reasons: [reason], policies: ['payments-under-limit'], policyDigest: 'b'.repeat(64), risk: { score: 20, factors: ['moves money'] },
    origins: [{ argument: 'iban', role: 'sink', trust: 'organisation', source: 'tool:look_up#iban', excerpt: 'IBAN of the supplier' }],
  },
});

export const called = (callId: string, tool: string, given: Record<string, unknown>): RunEventOf<'tool-called'> => ({
  type: 'tool-called', callId, tool, adapter: 'default', effect: 'keyed', arguments: given, contractDigest: 'c'.repeat(64), permit: PERMIT,
});

export const returned = (callId: string, tool: string, result: unknown, secrecy: 'internal' | 'secret' = 'internal', secretFields: readonly string[] = []): RunEvent[] => [
  { type: 'tool-returned', callId, tool, outcome: { status: 'succeeded', result, replayed: false, attempts: [{ at: START, durationMs: 12, outcome: '503' }, { at: START + 500, durationMs: 9, outcome: 'succeeded' }] } },
  {
    type: 'observation-recorded', callId, content: result, label: { trust: 'organisation', secrecy, source: `tool:${tool}` },
    fields: Object.fromEntries(secretFields.map((path) => [path, { trust: 'organisation', secrecy: 'secret', source: `tool:${tool}#${path}` }])),
  },
];

export const ended = (answer: string): RunEventOf<'run-ended'> => ({ type: 'run-ended', status: 'completed', answer, reason: 'the planner gave its answer' });

/** Commit 1: accepted. 2: asks for an approval. 3: approved. 4: called. 5: returned. 6: ended. */
export async function payInvoice(log: EventLog, run: RunKey, upTo = 6): Promise<void> {
  const pay = { iban: 'DE02100100100006820101', amount: 1200 };
  const commits: readonly (readonly [Route, readonly RunEvent[]])[] = [
    ['plan', [accepted()]],
    ['wait', [decided(1, [{ tool: 'pay', arguments: pay }]), judged('c1-1', 'pay', 'ask', 'over the limit'), { type: 'approval-requested', approvalId: 'a-c1-1', callId: 'c1-1', tool: 'pay', arguments: pay, reasons: ['over the limit'], expiresAt: START + 600_000 }]],
    ['wait', [{ type: 'approval-answered', approvalId: 'a-c1-1', callId: 'c1-1', answer: 'approved', by: 'ada', comment: 'looks right' }]],
    ['call.default', [judged('c1-1', 'pay', 'allow', 'ada approved it'), called('c1-1', 'pay', pay)]],
    ['plan', returned('c1-1', 'pay', { paymentId: 'p-77' })],
    ['end', [decided(5, [], 'Paid.'), ended('Paid.')]],
  ];
  for (const [route, events] of commits.slice(0, upTo)) await append(log, run, route, events);
}

export const newLog = (): InMemoryEventLog => new InMemoryEventLog(PARTITIONS);
