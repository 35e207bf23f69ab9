import { z } from 'zod';
import { budgetHold } from './budget-accounts.js';
import { budgets, compensation, effectClass, strategy } from './catalog.js';
import { adapterName, dataSubject, digest, instant, personRole, runId, toolName } from './identifiers.js';
import { label, reading } from './labels.js';
import { memoryScopes } from './memory.js';
import { planMeans, planSteps, standingPlan } from './plan.js';
import { approvalNeeds, verdict } from './policy.js';
import { compaction, modelFailure, proposal } from './proposal.js';
import { scope, task } from './task.js';
import { threadReading } from './threads.js';

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
  z.strictObject({
    status: z.literal('in-doubt'), failure, attempts: z.array(attempt),
    operationKey: digest.optional(),
    /** The ledger's sequence of the claim whose end is unknown. A person's word is about this doubt, and says nothing of a later one. */
    claim: z.number().int().positive().optional(),
  }),
]);
export type ToolOutcome = z.infer<typeof toolOutcome>;

/** What a person can say of an operation in doubt; after `retry` it may be done again, whatever became of it before. */
export const resolutionKind = z.enum(['happened', 'did-not-happen', 'retry']);
export type ResolutionKind = z.infer<typeof resolutionKind>;

/**
 * The code under which an adapter says that a person's word `retry` has freed the operation: the call may be sent again.
 * It is no failure of the call, and a run that still wants the call does not record it as one.
 */
export const MAY_BE_RETRIED = 'tool.may-be-retried';

/** The codes of failures under which the call did act, though its result cannot be used: nobody repeats it. */
export const DONE_CODES = ['tool.output-invalid', 'tool.result-too-large'] as const;
export type DoneCode = (typeof DONE_CODES)[number];

/** True when the call certainly had its effect, whatever became of its result. */
export function hasActed(outcome: ToolOutcome): boolean {
  return outcome.status === 'succeeded' || (outcome.status === 'failed' && DONE_CODES.some((code) => code === outcome.failure.code));
}

/** The run and call that started a run. */
export const parentCall = z.strictObject({ runId, callId });
export type ParentCall = z.infer<typeof parentCall>;

/** How a tool was used: calls, and the money in minor units that they carried. */
export const toolUse = z.strictObject({ calls: z.number().int().nonnegative(), amount: z.number().int().nonnegative() });
export type ToolUse = z.infer<typeof toolUse>;

/** What of its budgets a run has used. */
export const usage = z.strictObject({
  steps: z.number().int().nonnegative(), tokens: z.number().int().nonnegative(), amount: z.number().int().nonnegative(),
  /** What its models cost, in millionths of a currency's unit, as far as prices were known. */
  costMicros: z.number().int().nonnegative().optional(),
  /** Of each tool that its budgets limit. */
  tools: z.record(toolName, toolUse).optional(),
});
export type Usage = z.infer<typeof usage>;

/** Everything that a run starts a child run with. */
export const childStart = z.strictObject({
  type: z.string().min(1).max(256),
  goal: z.string().min(1).max(20_000),
  input: z.record(z.string(), z.unknown()),
  /** Where goal and input came from; a model that hands work on does not speak with the user's voice. */
  labels: z.record(z.string(), label),
  /** For whom the parent works; a run of an earlier release works for `run:` and the parent's id. */
  requester: z.string().max(256).optional(),
  requesterRoles: z.array(personRole).max(64).optional(),
  /** What is left of the parent's own budgets: the child gets at most this. */
  budgets,
  /** The parent's own scope, which nothing in a run can widen. */
  scope: scope.optional(),
  /** The parent's own scopes of memory: the child gets none beside them, and none at all where an earlier release says nothing. */
  memoryScopes: memoryScopes.optional(),
  /** Whom the parent is about, and so what it hands on. */
  dataSubject: dataSubject.optional(),
});
export type ChildStart = z.infer<typeof childStart>;

/** What a model asks a person; of choices, the answer is one. */
export const question = z.strictObject({ text: z.string().min(1).max(2_000), choices: z.array(z.string().min(1).max(200)).min(2).max(20).optional() });
export type Question = z.infer<typeof question>;

/** What a call to one of Holdfast's own tools waits for. */
export const wait = z.discriminatedUnion('for', [
  z.strictObject({ for: z.literal('time'), timerId: z.string(), dueAt: instant }),
  z.strictObject({ for: z.literal('signal'), name: z.string().min(1).max(128), timerId: z.string().optional(), dueAt: instant.optional(), question: question.optional() }),
  z.strictObject({ for: z.literal('child'), runId, start: childStart }),
]);
export type Wait = z.infer<typeof wait>;

const agentVersion = z.strictObject({ name: z.string(), digest });
/** How the run comes to its calls, by its agent's declaration: step by step where nothing is said. */
const recordedStrategy = strategy.exclude(['react', 'external']).optional();
const taskAccepted = z.strictObject({
  type: z.literal('task-accepted'),
  task,
  agent: agentVersion,
  budgets,
  /** The scopes of memory that the run may work with: its agent's, as far as whoever started it had them too; none when left out. */
  memoryScopes: memoryScopes.optional(),
  labels: z.record(z.string(), label),
  parent: parentCall.optional(),
  strategy: recordedStrategy,
});
/** What was asked and answered in the run's thread before it began. The log of the earlier runs said so, and from here on this run's log alone does. */
const threadRead = threadReading.extend({ type: z.literal('thread-read') });
/**
 * What the model is told of its budgets, once most of one is used and again when all of it is, or that it goes in circles.
 * `used` and `limit` are steps, tokens, millionths of a currency's unit, seconds, or how often the same was done.
 */
const noticeGiven = z.strictObject({ type: z.literal('notice-given'), about: z.enum(['steps', 'tokens', 'cost', 'time', 'repetition', 'answer', 'plan']), used: z.number().int().nonnegative(), limit: z.number().int().positive(), /** Of an answer or a plan: why it is not what it has to be. */ detail: z.string().max(2_000).optional() });
/** No model answered for the step that the run is at; told once for each reason. The model is asked again until one does, or the run's deadline ends it. */
const modelFailed = modelFailure.extend({ type: z.literal('model-failed') });
const decisionMade = z.strictObject({ type: z.literal('decision-made'), proposal });
/**
 * The plan by which the run goes from here on, in the place of any before: nothing that it does not name is called. It is the
 * model's word, worth what the run had read by then; it vouches for nothing, and a planner can only narrow by it what policy allows.
 */
const planAdopted = z.strictObject({
  type: z.literal('plan-adopted'),
  steps: planSteps,
  /** What it names beyond what was planned before the run had read what others wrote: each use of it is asked about. */
  asks: planMeans.optional(),
  label,
});
/**
 * From this decision on, the model is shown this in the place of everything up to the commit `upTo` but the task. What it stands for
 * stays in the log, and so do the labels there; its own label is the join of all that the run had read.
 */
const contextCompacted = compaction.extend({ type: z.literal('context-compacted'), label });
const policyChecked = z.strictObject({ type: z.literal('policy-checked'), verdict: verdict.omit({ permit: true }), tool: toolName });
const toolCalled = z.strictObject({
  type: z.literal('tool-called'),
  callId,
  tool: toolName,
  adapter: adapterName,
  effect: effectClass,
  arguments: z.record(z.string(), z.unknown()),
  contractDigest: digest,
  /** The bundle that allowed it; absent where an earlier release sent it. */
  policyDigest: digest.optional(),
  permit: z.string(),
  /** How to undo it, as its contract said when it was sent. */
  compensate: compensation.optional(),
  /** The money that it carries, in minor units. */
  amount: z.number().int().nonnegative().optional(),
  /** What it has taken from, of the budgets that runs share; it is given back where the call certainly does nothing. */
  holds: z.array(budgetHold).max(32).optional(),
});
/**
 * A call that policy allowed in a run whose effects are simulated, and that no adapter is asked to make. What it comes to is in the same
 * commit: what the log holds of the same call at `from`, or, where nothing is recorded, an outcome that says that it is simulated.
 */
const callSimulated = z.strictObject({
  type: z.literal('call-simulated'),
  callId,
  tool: toolName,
  effect: effectClass,
  arguments: z.record(z.string(), z.unknown()),
  contractDigest: digest,
  /** The money that it would have carried, in minor units. */
  amount: z.number().int().nonnegative().optional(),
  from: z.strictObject({ runId, number: z.number().int().positive() }).optional(),
});
const callRefused = z.strictObject({ type: z.literal('call-refused'), callId, tool: toolName, reasons: z.array(z.string()).min(1) });
const approvalRequested = z.strictObject({
  type: z.literal('approval-requested'), approvalId: z.string(), callId, tool: toolName, arguments: z.record(z.string(), z.unknown()), reasons: z.array(z.string()), expiresAt: instant,
  /** Who has to agree; one person of any role when left out. */
  needs: approvalNeeds.optional(),
});
/** The first of two people has agreed. */
const approvalCounted = z.strictObject({ type: z.literal('approval-counted'), approvalId: z.string(), callId, by: z.string(), roles: z.array(personRole).max(64).optional(), comment: z.string().max(4000) });
/** Nobody has answered so far, and these roles may answer as well. */
const approvalEscalated = z.strictObject({ type: z.literal('approval-escalated'), approvalId: z.string(), callId, roles: z.array(personRole).max(32) });
/** A value of a call, by the dotted path of its argument, for which a person vouches. */
export const vouchedValue = z.strictObject({ argument: z.string().max(512), value: z.union([z.string(), z.number()]) });
export type VouchedValue = z.infer<typeof vouchedValue>;
const approvalAnswered = z.strictObject({
  type: z.literal('approval-answered'), approvalId: z.string(), callId, by: z.string(), comment: z.string().max(4000),
  /** After `edited` and `endorsed` the call is judged anew: they approve nothing, and a person vouches for values. */
  answer: z.enum(['approved', 'rejected', 'expired', 'edited', 'endorsed']),
  roles: z.array(personRole).max(64).optional(),
  /** Of `edited`: what the call is to be made with. */
  arguments: z.record(z.string(), z.unknown()).optional(),
  /** Of `edited` and `endorsed`: the values that the person vouches for, in calls of this tool for the rest of the run. */
  values: z.array(vouchedValue).max(256).optional(),
});
const toolReturned = z.strictObject({
  type: z.literal('tool-returned'), callId, tool: toolName, outcome: toolOutcome,
  /** Of a failure: what its text is worth, which the model reads as it reads a result. */
  label: label.optional(),
});
/**
 * A person's word about a call in doubt, on route `call.<adapter>`: the adapter brings it into the ledger and reports what
 * the ledger holds then, since the first word about an operation counts for all runs that wait for it. Nothing is sent.
 */
const doubtResolved = z.strictObject({
  type: z.literal('doubt-resolved'),
  /** The question that it answers. */
  approvalId: z.string(),
  callId,
  tool: toolName,
  adapter: adapterName,
  effect: effectClass,
  arguments: z.record(z.string(), z.unknown()),
  /** The contract under which the call was sent, where the run still knows it. */
  contractDigest: digest.optional(),
  /** The doubt that it is about, as the outcome named it; absent where an earlier release recorded that. */
  operationKey: digest.optional(),
  claim: z.number().int().positive().optional(),
  resolution: resolutionKind,
  /** For `happened`: what the tool would have given back. The adapter checks it against the contract. */
  result: z.unknown().optional(),
  by: z.string(),
  comment: z.string().max(4000),
});
/**
 * An adapter may not send this call while its tool is quarantined, and has not claimed it. `quarantine` is the registry's
 * sequence of the observation that caused it.
 */
const callParked = z.strictObject({ type: z.literal('call-parked'), callId, tool: toolName, reason: z.string().max(4000), quarantine: z.number().int().positive() });
/**
 * A parked call, or one in doubt that a person lets be tried again, is as if it had never been sent: it is judged and
 * dispatched anew. `quarantine` is the last one that was lifted, for a parked call.
 */
const callReleased = z.strictObject({ type: z.literal('call-released'), callId, tool: toolName, by: z.string(), reason: z.string().max(4000), quarantine: z.number().int().positive().optional() });
/** What the model will be told next, with where it came from. */
const observationRecorded = z.strictObject({ type: z.literal('observation-recorded'), callId, content: z.unknown(), label, fields: z.record(z.string(), label) });
const timerSet = z.strictObject({ type: z.literal('timer-set'), timerId: z.string(), dueAt: instant, purpose: z.enum(['deadline', 'approval', 'wait']) });
const timerFired = z.strictObject({ type: z.literal('timer-fired'), timerId: z.string() });
const signalReceived = z.strictObject({ type: z.literal('signal-received'), name: z.string(), payload: z.unknown(), by: z.string(), label });
const runPaused = z.strictObject({ type: z.literal('run-paused'), by: z.string(), reason: z.string() });
const runResumed = z.strictObject({ type: z.literal('run-resumed'), by: z.string() });
/** A call to one of Holdfast's own tools begins to wait. For a child run this commit starts it, on route `call.holdfast`. */
const waitBegun = z.strictObject({ type: z.literal('wait-begun'), callId, tool: toolName, wait });
/** A run that is being ended asks the runs that it started to end; it waits until they have. Route `call.holdfast`. */
const childStopAsked = z.strictObject({ type: z.literal('child-stop-asked'), callId, runId, action: z.enum(['cancel', 'abort']) });
const childEnded = z.strictObject({ type: z.literal('child-ended'), callId, runId, status: z.enum(['completed', 'failed', 'cancelled', 'refused']), usage });
/** A done call can be undone by this call. `missing` names arguments that could not be made; `isShared` that the effect may be another run's. */
const compensationNoted = z.strictObject({ type: z.literal('compensation-noted'), callId, tool: toolName, by: toolName, arguments: z.record(z.string(), z.unknown()), missing: z.array(z.string()).max(64), isShared: z.boolean() });
/** An aborted run asks to undo one done call; the next is asked when this one is settled. */
const compensationAsked = z.strictObject({ type: z.literal('compensation-asked'), callId, compensates: callId, tool: toolName, arguments: z.record(z.string(), z.unknown()), needsPerson: z.boolean() });
/** A cancelled or overdue run sends nothing more and ends when the calls that adapters have are accounted for; an aborted one also undoes. */
const windDownBegun = z.strictObject({ type: z.literal('wind-down-begun'), status: z.enum(['cancelled', 'failed']), reason: z.string(), compensate: z.boolean().optional() });
const runEnded = z.strictObject({
  type: z.literal('run-ended'),
  status: z.enum(['completed', 'failed', 'cancelled']),
  answer: z.string().optional(),
  reason: z.string(),
  /** Who waits for this end, and what it cost: this commit alone is enough to tell the parent. */
  parent: parentCall.optional(),
  usage: usage.optional(),
  /** The thread that it was a turn of. */
  thread: threadReading.shape.thread.optional(),
  /** What the run has read, all of which its answer may repeat; absent where that is not known. */
  read: reading.optional(),
});
/**
 * A run begins where another stood after commit `origin.number`. What is carried over is named field by field, and not as
 * a checkpoint, because history must stay readable for ever and checkpoints need not.
 */
const runForked = z.strictObject({
  type: z.literal('run-forked'),
  mode: z.enum(['fork', 'retry']),
  by: z.string(),
  reason: z.string(),
  origin: z.strictObject({ runId, number: z.number().int().positive(), hash: digest }),
  task,
  agent: agentVersion,
  /** Absent where its calls are really made. In a run whose effects are simulated, none but reads are, and what the log holds already is read from there. */
  effects: z.literal('simulated').optional(),
  budgets,
  /** See `task-accepted`: those of the version that goes on. */
  memoryScopes: memoryScopes.optional(),
  labels: z.record(z.string(), label),
  /** What the origin had read, where that is known. */
  read: reading.optional(),
  strategy: recordedStrategy,
  /** The plan by which the origin went, where both go by one. */
  plan: standingPlan.optional(),
  /** Money that the origin's calls carried: a fork gets no second purse. */
  amount: z.number().int().nonnegative(),
  /** The same of single tools that are limited. */
  used: z.record(toolName, toolUse).optional(),
  /** Done calls of the origin that this run undoes when it is aborted; empty for a fork, whose origin keeps them. */
  undoable: z.array(compensationNoted.omit({ type: true })),
  /** Calls that the origin had not settled: nothing is sent again, and the model is told so. */
  unsettled: z.array(z.strictObject({ callId, tool: toolName, status: z.enum(['refused', 'unknown']), reason: z.string() })),
});

/**
 * Nothing that happens: what a reader is given in the place of a commit's events whose data key is erased. It is never written. A
 * history that has one folds to a run that has ended and says nothing.
 */
const contentErased = z.strictObject({ type: z.literal('content-erased'), dataSubject, /** The types of the events that were there. */ types: z.array(z.string()) });

/** Everything that can happen in a run. The log holds nothing else, and state is the fold of these. */
export const runEvent = z.discriminatedUnion('type', [
  taskAccepted, decisionMade, policyChecked, toolCalled, callRefused, approvalRequested, approvalCounted, approvalEscalated, approvalAnswered, toolReturned,
  observationRecorded, timerSet, timerFired, signalReceived, runPaused, runResumed, windDownBegun, runEnded,
  waitBegun, childStopAsked, childEnded, compensationNoted, compensationAsked, runForked, doubtResolved, callParked, callReleased, threadRead, noticeGiven, contextCompacted, modelFailed, contentErased, planAdopted, callSimulated,
]);
export type RunEvent = z.infer<typeof runEvent>;
export type RunEventType = RunEvent['type'];
/** The event of one type. */
export type RunEventOf<T extends RunEventType> = Extract<RunEvent, { type: T }>;
