import { z } from 'zod';
import { budgets } from './catalog.js';
import { recordedCommit } from './commit.js';
import { dataKeyName } from './data-keys.js';
import { parentCall, resolutionKind, toolOutcome, usage } from './events.js';
import { digest, instant, personRole, runId } from './identifiers.js';
import { label, reading } from './labels.js';
import { memoryScopes } from './memory.js';
import { modelFailure, proposal } from './proposal.js';
import { scope, taskEvent } from './task.js';

/** The sources of facts, which are also the last token of their subjects. */
export const INBOX_SOURCES = ['task', 'signal', 'approval', 'control', 'fork', 'resolution', 'release'] as const;
export const REQUEST_SOURCES = ['plan', 'tool'] as const;
export type InboxSource = (typeof INBOX_SOURCES)[number];
export type RequestSource = (typeof REQUEST_SOURCES)[number];

const factId = z.string().min(1).max(256);
/** Who says so: an API key's name. What is longer than the log's texts may be would make a commit that nobody can read. */
const author = z.string().min(1).max(256);
const approvalId = z.string().min(1).max(128);

/** Set by the orchestrator alone, when a run starts another: who waits, where the texts came from, and what is left to spend. */
const childOf = z.strictObject({ parent: parentCall, labels: z.record(z.string(), label), budgets, scope: scope.optional(), memoryScopes: memoryScopes.optional(), /** What encrypts the parent, and so what it hands on. */ dataKey: dataKeyName.optional() });
export const taskFact = z.strictObject({ kind: z.literal('task'), id: factId, event: taskEvent, requester: author, requesterRoles: z.array(personRole).max(64).optional(), child: childOf.optional() });
export const approvalFact = z.strictObject({
  kind: z.literal('approval'), id: factId, approvalId, by: author, comment: z.string().max(4000),
  /** `edited` changes the call's arguments, and `endorsed` vouches for some of its values; the call is then judged anew. */
  answer: z.enum(['approved', 'rejected', 'edited', 'endorsed']),
  /** What the one who answers may be called by, as the edge has authenticated them. */
  roles: z.array(personRole).max(64).optional(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  /** Dotted paths of arguments. */
  endorse: z.array(z.string().max(512)).max(256).optional(),
});
export const signalFact = z.strictObject({ kind: z.literal('signal'), id: factId, name: z.string().min(1).max(128), payload: z.unknown(), by: author });
export const controlFact = z.strictObject({ kind: z.literal('control'), id: factId, action: z.enum(['cancel', 'pause', 'resume', 'abort']), by: author, reason: z.string().max(4000) });
export const timerFact = z.strictObject({ kind: z.literal('timer'), id: factId, timerId: z.string(), dueAt: instant });
export const planFact = z.strictObject({ kind: z.literal('plan'), id: factId, proposal });
/** A planner's report, beside `plan`: no model answers for now. The step is tried again by itself; this says what it waits for. */
export const stallFact = modelFailure.extend({ kind: z.literal('stall'), id: factId });
/** The end of a run that another started, or that it could not be started; the orchestrator tells it to the parent. */
export const childFact = z.strictObject({
  kind: z.literal('child'), id: factId, callId: z.string(), runId,
  status: z.enum(['completed', 'failed', 'cancelled', 'refused']), answer: z.string().max(200_000).optional(), reason: z.string(), usage,
  /** What it had read, as its end says. */
  read: reading.optional(),
});
/** Begins a run where another stood. `retry` continues one that has ended; `fork` tries another way beside it. */
export const forkFact = z.strictObject({
  kind: z.literal('fork'), id: factId, mode: z.enum(['fork', 'retry']), origin: z.strictObject({ runId, number: z.number().int().positive() }),
  /** The agent that goes on; the origin's own, in its present version, when left out. */
  agent: z.string().optional(),
  /** Which version of that agent; the one that new tasks get when left out. */
  version: digest.optional(),
  /** Whether its calls are really made; they are when left out. */
  effects: z.enum(['real', 'simulated']).optional(),
  by: author, reason: z.string().max(4000),
});
/** The number, in its run, of the commit that is answered: what comes late from an earlier dispatch of the call is known by it. */
const dispatch = z.number().int().positive().optional();
export const toolFact = z.strictObject({ kind: z.literal('tool'), id: factId, callId: z.string(), dispatch, outcome: toolOutcome });
/** An adapter's report, beside `tool`: it has not claimed the call and may not send it while its tool is quarantined. */
export const parkedFact = z.strictObject({ kind: z.literal('parked'), id: factId, callId: z.string(), dispatch, reason: z.string().max(4000), quarantine: z.number().int().positive() });
/** What a tool adapter may say. */
export const adapterReport = z.discriminatedUnion('kind', [toolFact, parkedFact]);
export type AdapterReport = z.infer<typeof adapterReport>;

/** A person's word about a call in doubt. It works once, for the question that it names; for the open one where it names none. */
export const resolutionFact = z.strictObject({
  kind: z.literal('resolution'), id: factId, callId: z.string(), approvalId: approvalId.optional(), resolution: resolutionKind, result: z.unknown().optional(), by: author, comment: z.string().max(4000),
});
/**
 * A parked call's tool may be called again: every quarantine up to this one is lifted. A worker that learns of it late may
 * park the call once more, so the id has to name the commit that parked the call, and each such commit is answered.
 */
export const releaseFact = z.strictObject({ kind: z.literal('release'), id: factId, callId: z.string(), quarantine: z.number().int().positive(), by: author, reason: z.string().max(4000) });

/**
 * A planner's hint that a run which it found decided has calls that nobody sent. It brings nothing of its own: the
 * orchestrator looks at the run and dispatches what the log allows, so a forged one is harmless.
 */
export const nudge = z.strictObject({ kind: z.literal('nudge') });
/** What a planner may say: a proposal, that there is none yet, or a nudge. */
export const plannerRequest = z.discriminatedUnion('kind', [planFact, stallFact, nudge]);
export type PlannerRequest = z.infer<typeof plannerRequest>;

/** What others tell the orchestrator. Each is folded at most once, by its own id and content, whatever comes twice. */
export const fact = z.discriminatedUnion('kind', [taskFact, approvalFact, signalFact, controlFact, timerFact, planFact, toolFact, childFact, forkFact, resolutionFact, releaseFact, parkedFact, stallFact]);
export type Fact = z.infer<typeof fact>;
export type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/**
 * The orchestrator's answer to a fact sent as a request. `committed` and `duplicate` mean that the log holds it;
 * `stale` means that the run has moved on and the sender should drop its work.
 */
export const factAnswer = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('committed'),
    number: z.number().int(),
    /** To a proposal: the commits that it became, so that the planner need not read them. A saving, and never more. */
    commits: z.array(recordedCommit).optional(),
  }),
  z.strictObject({ status: z.literal('duplicate') }),
  z.strictObject({ status: z.literal('stale'), reason: z.string() }),
  z.strictObject({ status: z.literal('unavailable'), reason: z.string() }),
]);
export type FactAnswer = z.infer<typeof factAnswer>;

/**
 * How long the sender of a fact waits for the n-th answer, from 1, in milliseconds: one second, doubled up to ten. An
 * orchestrator that died with the question in hand never answers, and its heir takes over in less than that; asking
 * again is free, since the fact is folded once. A busy orchestrator gets the longer waits.
 */
export function answerPatience(tries: number): number {
  return Math.min(10_000, 1_000 * 2 ** Math.min(tries - 1, 4));
}

/** A thing that could not be processed, kept once with its reason while everything else goes on. */
export const deadLetter = z.strictObject({
  at: instant, subject: z.string(), code: z.string(), reason: z.string(), remedy: z.string(), payload: z.string(),
  /** The run that it was for, where one is known. */
  runId: z.string().optional(),
});
export type DeadLetter = z.infer<typeof deadLetter>;
