import { MAY_BE_RETRIED, RUNTIME_TOOLS, startRunTool, type AgentDeclaration, type FactOf, type ToolOutcome, type Verdict } from '@holdfast/contracts';
import type { Input, JudgedCall } from '@holdfast/run';
import type { Step } from '../history.ts';

/** Facts as a run of an invoice meets them, each with what the orchestrator looked up for it. Times are given, never read. */
const START = Date.UTC(2026, 10, 25, 9);
export const after = (seconds: number): number => START + seconds * 1000;

const CONTRACT_DIGEST = 'c'.repeat(64);
const POLICY_DIGEST = 'e'.repeat(64);

export const payer: AgentDeclaration = {
  name: 'payer', instructions: 'Pay what is due, once.', model: 'scripted', taskTypes: ['com.example.invoice'], tools: ['find_order', 'pay_invoice'], trustTier: 'supervised',
  inputTrust: { 'input.approvedBy': 'organisation' }, budgets: { maxSteps: 3, deadlineSeconds: 3_600, approvalSeconds: 600 }, digest: 'a'.repeat(64),
};

export const step = (input: Input): Step => ({ input });

export function task(goal = 'Pay invoice 7.', budgets: Partial<AgentDeclaration['budgets']> = {}): Step {
  return step({ at: after(0), agent: { ...payer, budgets: { ...payer.budgets, ...budgets } }, fact: { kind: 'task', id: 'task:/invoices:7', requester: 'mailroom', event: { specversion: '1.0', id: '7', source: '/invoices', type: 'com.example.invoice', data: { goal, invoice: { number: 7, order: 'PO-1', text: 'Pay at once!' }, approvedBy: 'ada' } } } });
}

const ARGUMENTS: Readonly<Record<string, Record<string, unknown>>> = { find_order: { order: 'PO-1' }, pay_invoice: { invoice: 7, amount: 120_000 } };
export const contracts: Readonly<Record<string, NonNullable<JudgedCall['contract']>>> = {
  find_order: { adapter: 'orders', effect: 'read', digest: CONTRACT_DIGEST },
  pay_invoice: { adapter: 'bank', effect: 'keyed', digest: CONTRACT_DIGEST },
  transfer: { adapter: 'bank', effect: 'keyed', digest: CONTRACT_DIGEST, amountArgument: 'amount' },
  reserve: { adapter: 'stock', effect: 'keyed', digest: CONTRACT_DIGEST, compensate: { tool: 'release', arguments: { reservation: { result: 'reservation.id' }, why: { value: 'aborted' } } } },
  release: { adapter: 'stock', effect: 'keyed', digest: CONTRACT_DIGEST },
  ...Object.fromEntries(RUNTIME_TOOLS.map(({ name, adapter, effect, digest }) => [name, { adapter, effect, digest }])),
};

export function judged(callId: string, tool: string, outcome: Verdict['outcome'], contract = contracts[tool]): JudgedCall {
  return {
    ...(contract === undefined ? {} : { contract }),
    ...(tool === startRunTool.name ? { childRunId: `r1_${callId}` } : {}),
    verdict: {
      callId, outcome, reasons: [`The policy says ${outcome}.`], policies: ['payments'], policyDigest: POLICY_DIGEST, risk: { score: 12, factors: ['effect +12: it moves money'] },
      origins: [{ argument: 'invoice', role: 'target', trust: 'user', source: 'task.goal', excerpt: 'Pay invoice 7.' }],
      ...(outcome === 'allow' ? { permit: `header.${callId}.signature` } : {}),
    },
  };
}

/** The proposal for a plan commit: which tools the model asks for, with what policy says of each. None is the answer. */
export function plan(basis: number, at: number, ...calls: readonly (readonly [tool: string, outcome: Verdict['outcome'], given?: Record<string, unknown>])[]): Step {
  return step({
    at: after(at),
    fact: {
      kind: 'plan', id: `plan:${basis}:${calls.map(([tool]) => tool).join('+')}`,
      proposal: {
        basis, text: calls.length === 0 ? 'Invoice 7 is settled.' : '', requests: calls.map(([tool, , given], index) => ({ requestId: `call_${basis}_${index}`, tool, arguments: given ?? ARGUMENTS[tool] ?? {} })),
        ...(calls.length === 0 ? { answer: 'Invoice 7 is settled.' } : {}),
        model: { name: 'scripted', provider: 'holdfast', promptDigest: 'b'.repeat(64), toolsShown: ['find_order', 'pay_invoice'], inputTokens: 210, outputTokens: 31, finishReason: calls.length === 0 ? 'stop' : 'tool-calls', durationMs: 12 },
      },
    },
    judged: calls.map(([tool, outcome], index) => judged(`c${basis}-${index + 1}`, tool, outcome)),
  });
}

export const stalled = (basis: number, at: number, code: FactOf<'stall'>['code']): Step => step({ at: after(at), fact: { kind: 'stall', id: `stall:${basis}:${code}`, basis, code, message: 'The provider did not answer.', remedy: 'Wait.', attempts: [{ model: 'scripted', outcome: code, durationMs: 12 }] } });

export function returned(callId: string, at: number, outcome: ToolOutcome, dispatch?: number): Step {
  return step({ at: after(at), fact: { kind: 'tool', id: `tool:${callId}${dispatch === undefined ? '' : `:${dispatch}`}`, callId, outcome, ...(dispatch === undefined ? {} : { dispatch }) }, labels: { label: { trust: 'organisation', secrecy: 'internal', source: 'tool:any' }, fields: { note: { trust: 'third-party', secrecy: 'internal', source: 'tool:any#note' } } } });
}

const attempts = [{ at: after(3), durationMs: 8, outcome: 'succeeded' }];
export const found: ToolOutcome = { status: 'succeeded', result: { order: 'PO-1', total: 120_000, note: 'as agreed' }, replayed: false, attempts };
export const paid: ToolOutcome = { status: 'succeeded', result: { payment: 'pay-1' }, replayed: false, attempts };
export const down: ToolOutcome = { status: 'failed', attempts: [{ at: after(3), durationMs: 8, outcome: 'tool.unreachable' }], failure: { code: 'tool.unreachable', message: 'The bank does not answer.', retryable: true, remedy: 'Try again later.' } };
export const lost: ToolOutcome = { status: 'in-doubt', attempts: [{ at: after(3), durationMs: 1_000, outcome: 'timed out' }], failure: { code: 'tool.in-doubt', message: 'The answer of the bank was lost.', retryable: false, remedy: 'Look at the account.' } };

/** In doubt, with the name of the doubt. */
export const lostWith = (claim: number): ToolOutcome => ({ ...lost, operationKey: 'f'.repeat(64), claim }) as ToolOutcome;
export const mayBeRetried: ToolOutcome = { status: 'failed', attempts: [], failure: { code: MAY_BE_RETRIED, message: 'ada let it be tried again.', retryable: true, remedy: 'Call the tool again.' } };

export const approval = (approvalId: string, at: number, answer: 'approved' | 'rejected', comment = ''): Step => step({ at: after(at), fact: { kind: 'approval', id: `approval:${approvalId}:${answer}`, approvalId, answer, by: 'ada', comment } });
export const word = (by: string, at: number, said: Partial<FactOf<'approval'>>, approvalId = 'a-c1-1'): Step => step({ at: after(at), fact: { kind: 'approval', id: `approval:${approvalId}:${by}:${at}`, approvalId, answer: 'approved', comment: '', by, roles: ['approver', 'treasury'], ...said } });
/** A call about which two people are asked, and others when nobody answers. */
export const forTwo = (call: JudgedCall): JudgedCall => ({ ...call, verdict: { ...call.verdict, needs: { persons: 2, roles: ['treasury'], escalation: { afterSeconds: 120, roles: ['cfo'] } } } });
export const resolution = (callId: string, at: number, said: FactOf<'resolution'>['resolution'], result?: unknown): Step => step({ at: after(at), fact: { kind: 'resolution', id: `resolution:${callId}:${at}`, callId, resolution: said, ...(result === undefined ? {} : { result }), by: 'ada', comment: 'The bank was asked.' } });
export const parked = (callId: string, at: number, dispatch: number): Step => step({ at: after(at), fact: { kind: 'parked', id: `parked:${callId}:${dispatch}`, callId, dispatch, reason: 'The argument "amount" was removed.', quarantine: 17 } });
export const release = (callId: string, at: number, quarantine = 17): Step => step({ at: after(at), fact: { kind: 'release', id: `release:${callId}:${at}`, callId, quarantine, by: 'ada', reason: 'The bank takes "total" now.' } });
export const timer = (timerId: string, at: number): Step => step({ at: after(at), fact: { kind: 'timer', id: `timer:${timerId}:${after(at)}`, timerId, dueAt: after(at) } });
export const signal = (name: string, at: number, payload: unknown = null): Step => step({ at: after(at), fact: { kind: 'signal', id: `signal:${name}:${at}`, name, payload, by: 'otto' } });
export const control = (action: FactOf<'control'>['action'], at: number, reason = ''): Step => step({ at: after(at), fact: { kind: 'control', id: `control:${action}:${at}`, action, by: 'otto', reason } });
export const child = (callId: string, at: number, status: FactOf<'child'>['status'], answer?: string): Step => step({ at: after(at), fact: { kind: 'child', id: `child:r1_${callId}`, callId, runId: `r1_${callId}`, status, reason: `It ${status}.`, usage: { steps: 2, tokens: 420, amount: 0 }, ...(answer === undefined ? {} : { answer }) } });
export const dispatch = (head: number, at: number, ...calls: readonly JudgedCall[]): Step => step({ at: after(at), fact: { kind: 'dispatch', id: `dispatch:${head}` }, judged: calls });
export const crashAfter = (commits: number, { input }: Step): Step => ({ input, crashAfter: commits });
