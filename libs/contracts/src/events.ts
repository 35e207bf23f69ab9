import { z } from 'zod';
import { budgets, effectClass } from './catalog.js';
import { adapterName, digest, instant, toolName } from './identifiers.js';
import { label } from './labels.js';
import { verdict } from './policy.js';
import { proposal } from './proposal.js';
import { task } from './task.js';

const callId = z.string().min(1).max(64);

/** The failure of a call, as the model and people are told it. */
export const failure = z.strictObject({ code: z.string(), message: z.string().max(4000), retryable: z.boolean(), remedy: z.string().max(1000) });
export type Failure = z.infer<typeof failure>;

/** One try of a call, so that the log tells how often the outside world was asked. */
export const attempt = z.strictObject({ at: instant, durationMs: z.number().nonnegative(), outcome: z.string().max(200) });
export type Attempt = z.infer<typeof attempt>;

/** What a tool gave back. `replayed` says that the ledger had the outcome already and nothing was done again. */
export const toolOutcome = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('succeeded'), result: z.unknown(), replayed: z.boolean(), attempts: z.array(attempt) }),
  z.strictObject({ status: z.literal('failed'), failure, attempts: z.array(attempt) }),
  z.strictObject({ status: z.literal('in-doubt'), failure, attempts: z.array(attempt) }),
]);
export type ToolOutcome = z.infer<typeof toolOutcome>;

const taskAccepted = z.strictObject({
  type: z.literal('task-accepted'),
  task,
  agent: z.strictObject({ name: z.string(), digest }),
  budgets,
  labels: z.record(z.string(), label),
});
const decisionMade = z.strictObject({ type: z.literal('decision-made'), proposal });
const policyChecked = z.strictObject({ type: z.literal('policy-checked'), verdict: verdict.omit({ permit: true }), tool: toolName });
const toolCalled = z.strictObject({
  type: z.literal('tool-called'),
  callId,
  tool: toolName,
  adapter: adapterName,
  effect: effectClass,
  arguments: z.record(z.string(), z.unknown()),
  contractDigest: digest,
  permit: z.string(),
});
const callRefused = z.strictObject({ type: z.literal('call-refused'), callId, tool: toolName, reasons: z.array(z.string()).min(1) });
const approvalRequested = z.strictObject({ type: z.literal('approval-requested'), approvalId: z.string(), callId, tool: toolName, arguments: z.record(z.string(), z.unknown()), reasons: z.array(z.string()), expiresAt: instant });
const approvalAnswered = z.strictObject({ type: z.literal('approval-answered'), approvalId: z.string(), callId, answer: z.enum(['approved', 'rejected', 'expired']), by: z.string(), comment: z.string().max(4000) });
const toolReturned = z.strictObject({ type: z.literal('tool-returned'), callId, tool: toolName, outcome: toolOutcome });
/** What the model will be told next, with where it came from. */
const observationRecorded = z.strictObject({ type: z.literal('observation-recorded'), callId, content: z.unknown(), label, fields: z.record(z.string(), label) });
const timerSet = z.strictObject({ type: z.literal('timer-set'), timerId: z.string(), dueAt: instant, purpose: z.enum(['deadline', 'approval']) });
const timerFired = z.strictObject({ type: z.literal('timer-fired'), timerId: z.string() });
const signalReceived = z.strictObject({ type: z.literal('signal-received'), name: z.string(), payload: z.unknown(), by: z.string(), label });
const runPaused = z.strictObject({ type: z.literal('run-paused'), by: z.string(), reason: z.string() });
const runResumed = z.strictObject({ type: z.literal('run-resumed'), by: z.string() });
/** A cancelled or overdue run sends nothing more and ends when the calls that adapters have are accounted for. */
const windDownBegun = z.strictObject({ type: z.literal('wind-down-begun'), status: z.enum(['cancelled', 'failed']), reason: z.string() });
const runEnded = z.strictObject({ type: z.literal('run-ended'), status: z.enum(['completed', 'failed', 'cancelled']), answer: z.string().optional(), reason: z.string() });

/** Everything that can happen in a run. The log holds nothing else, and state is the fold of these. */
export const runEvent = z.discriminatedUnion('type', [
  taskAccepted, decisionMade, policyChecked, toolCalled, callRefused, approvalRequested, approvalAnswered, toolReturned,
  observationRecorded, timerSet, timerFired, signalReceived, runPaused, runResumed, windDownBegun, runEnded,
]);
export type RunEvent = z.infer<typeof runEvent>;
export type RunEventType = RunEvent['type'];
/** The event of one type. */
export type RunEventOf<T extends RunEventType> = Extract<RunEvent, { type: T }>;
