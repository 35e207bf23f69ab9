import type { Proposal, RecordedCommit, RunEvent, ToolOutcome, Verdict as PolicyVerdict } from '@holdfast/contracts';
import { seal } from '@holdfast/event-log';

export const key = { tenant: 'evals', runId: 'run-1' } as const;
const digest = 'd'.repeat(64);

/** A history of these commits with a true chain; what a test then changes in it is what is wrong. */
export function historyOf(...commits: readonly (readonly RunEvent[])[]): RecordedCommit[] {
  const history: RecordedCommit[] = [];
  for (const [index, events] of commits.entries()) {
    const route = events.some(({ type }) => type === 'run-ended') ? 'end' : events.some(({ type }) => type === 'tool-called') ? 'call.default' : 'plan';
    history.push({ commit: seal(key, { cause: { kind: 'test', id: `cause-${index}` }, route, events, at: 1_000 + index }, history.at(-1)), sequence: index + 1 });
  }
  return history;
}

export const accepted: RunEvent = {
  type: 'task-accepted', agent: { name: 'payer', digest }, budgets: { maxSteps: 5, deadlineSeconds: 60, approvalSeconds: 60 }, labels: {},
  task: { source: '/invoices', id: '1', type: 'invoice', goal: 'Pay invoice 7.', input: {}, requester: 'ada' },
};

export function decided(basis: number, ...tools: readonly string[]): RunEvent {
  const proposal: Proposal = {
    basis, text: '', requests: tools.map((tool, index) => ({ requestId: `r${index}`, tool, arguments: {} })),
    model: { name: 'scripted', provider: 'test', promptDigest: digest, toolsShown: [], inputTokens: 1, outputTokens: 1, finishReason: 'stop', durationMs: 1 },
  };
  return { type: 'decision-made', proposal };
}

export function checked(callId: string, outcome: PolicyVerdict['outcome'] = 'allow', tool = 'pay'): RunEvent {
  return { type: 'policy-checked', tool, verdict: { callId, outcome, reasons: ['r'], policies: [], policyDigest: digest, risk: { score: 1, factors: [] }, origins: [] } };
}

export function called(callId: string, tool = 'pay', effect: 'keyed' | 'read' = 'keyed'): RunEvent {
  return { type: 'tool-called', callId, tool, adapter: 'default', effect, arguments: { invoice: 7 }, contractDigest: digest, permit: 'p' };
}

const failure = { code: 'tool.down', message: 'It is down.', retryable: true, remedy: 'Wait.' };

export function returned(callId: string, status: ToolOutcome['status'] = 'succeeded', tool = 'pay'): RunEvent {
  const outcome: ToolOutcome = status === 'succeeded' ? { status, result: {}, replayed: false, attempts: [] } : { status, failure, attempts: [] };
  return { type: 'tool-returned', callId, tool, outcome };
}

export function ended(answer?: string, status: 'completed' | 'failed' = 'completed'): RunEvent {
  return { type: 'run-ended', status, reason: 'the planner gave its answer', ...(answer === undefined ? {} : { answer }) };
}

/** One payment, as it should be. */
export const goodHistory = (): RecordedCommit[] => historyOf(
  [accepted], [decided(1, 'pay'), checked('c1-1'), called('c1-1')], [returned('c1-1')], [decided(3), ended('{"decision":"paid","amount":7}')],
);
