import { UNKNOWN_READING, abortTool, askPersonTool, isAtLeast, joined, question as questionShape, startRunTool, waitSignalTool, waitTool, type Budgets, type Label, type RunEvent, type RunId, type Verdict, type Wait } from '@holdfast/contracts';
import { OWN_LABEL } from '../labels.js';
import { leftOf, shareOf, toBeStarted } from '../state/purse.js';
import { DEADLINE, answerNameOf, waitTimerOf } from '../names.js';
import { callsWith, type CallState, type LiveState } from '../state/state.js';

/**
 * Begins what an allowed call to one of Holdfast's own tools asks for, or refuses it with the reason. The arguments are
 * the model's, so nothing in them is believed. A timer is armed before the commit that sets it; for a child run the commit
 * itself is the dispatch.
 */
export function beginWait(state: LiveState, call: CallState, verdict: Verdict, childRunId: RunId | undefined, at: number): readonly RunEvent[] {
  const wait = waitOf(state, call, verdict, childRunId, at);
  if (typeof wait === 'string') return [{ type: 'call-refused', callId: call.callId, tool: call.tool, reasons: [wait] }];
  const begun: RunEvent = { type: 'wait-begun', callId: call.callId, tool: call.tool, wait };
  if (wait.for === 'child') return [begun];
  // A signal that came while the model was thinking is the one that it wants to wait for.
  if (wait.for === 'signal' && Object.hasOwn(state.unseen, wait.name)) return [begun, ...received(call, wait.name, state.unseen[wait.name] ?? '')];
  if (wait.timerId === undefined || wait.dueAt === undefined) return [begun];
  return [begun, { type: 'timer-set', timerId: wait.timerId, dueAt: wait.dueAt, purpose: 'wait' }];
}

/** What ends with a timer: the wait for a time has its result, the wait for a signal has been in vain. */
export function timeIsUp(state: LiveState, timerId: string): readonly RunEvent[] {
  const call = callsWith(state, 'waiting').find(({ wait }) => wait?.for !== 'child' && wait?.timerId === timerId);
  if (call?.wait === undefined || call.wait.for === 'child') return [];
  return call.wait.for === 'time' ? result(call, { waitedUntil: isoOf(call.wait.dueAt) }) : result(call, { received: false, signal: call.wait.name });
}

/** The results of all calls that wait for this signal. Its payload stands in the signal's own event, with its own label. */
export function signalCame(state: LiveState, name: string, by: string): readonly RunEvent[] {
  return callsWith(state, 'waiting').filter(({ wait }) => wait?.for === 'signal' && wait.name === name).flatMap((call) => received(call, name, by));
}

const received = (call: CallState, signal: string, by: string): readonly RunEvent[] => result(call, { received: true, signal, by });

function result(call: CallState, content: Readonly<Record<string, unknown>>): readonly RunEvent[] {
  return [
    { type: 'tool-returned', callId: call.callId, tool: call.tool, outcome: { status: 'succeeded', result: content, replayed: false, attempts: [] } },
    { type: 'observation-recorded', callId: call.callId, content, label: OWN_LABEL, fields: {} },
  ];
}

/** The wait that a call's arguments describe, or why there is none. */
function waitOf(state: LiveState, call: CallState, verdict: Verdict, childRunId: RunId | undefined, at: number): Wait | string {
  switch (call.tool) {
    case waitTool.name: return timeWait(state, call, at);
    case waitSignalTool.name: return signalWait(state, call, at);
    case askPersonTool.name: return answerWait(state, call, at);
    case startRunTool.name: return childWait(state, call, verdict, childRunId, at);
    case abortTool.name: return '"reason" must say why, in at most 1000 characters.';
    default: return `Holdfast has no tool "${call.tool}" of its own.`;
  }
}

function timeWait(state: LiveState, { callId, arguments: given }: CallState, at: number): Wait | string {
  const { until, seconds } = given;
  if ((until === undefined) === (seconds === undefined)) return 'Give either "until" or "seconds".';
  const dueAt = seconds === undefined ? instantOf(until) : secondsFrom(at, seconds);
  if (dueAt === undefined) return '"until" must be a time such as 2026-11-25T09:00:00Z, and "seconds" a whole number from 1 on.';
  return tooLate(state, dueAt) ?? { for: 'time', timerId: waitTimerOf(callId), dueAt: Math.max(at, dueAt) };
}

function signalWait(state: LiveState, { callId, arguments: given }: CallState, at: number): Wait | string {
  const { name, timeoutSeconds } = given;
  if (typeof name !== 'string' || name.length < 1 || name.length > 128) return '"name" must be the name of a signal, of at most 128 characters.';
  if (timeoutSeconds === undefined) return { for: 'signal', name };
  const dueAt = secondsFrom(at, timeoutSeconds);
  if (dueAt === undefined) return '"timeoutSeconds" must be a whole number from 1 on.';
  return tooLate(state, dueAt) ?? { for: 'signal', name, timerId: waitTimerOf(callId), dueAt };
}

/** An answer is a signal of a name that only this call waits for. */
function answerWait(state: LiveState, call: CallState, at: number): Wait | string {
  const { question: text, choices, timeoutSeconds } = call.arguments;
  const asked = questionShape.safeParse({ text, ...(choices === undefined ? {} : { choices }) });
  if (!asked.success) return '"question" must be a text of at most 2000 characters, and "choices" 2 to 20 texts of at most 200.';
  const wait = signalWait(state, { ...call, arguments: { name: answerNameOf(call.callId), ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) } }, at);
  return typeof wait === 'string' || wait.for !== 'signal' ? wait : { ...wait, question: asked.data };
}

function childWait(state: LiveState, { arguments: given }: CallState, verdict: Verdict, childRunId: RunId | undefined, at: number): Wait | string {
  const { type, goal, input = {}, maxSteps } = given;
  if (typeof type !== 'string' || type.length < 1 || type.length > 256) return '"type" must be a task\'s type, of at most 256 characters.';
  if (typeof goal !== 'string' || goal.length < 1 || goal.length > 20_000) return '"goal" must say what is wanted, in at most 20000 characters.';
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return '"input" must be an object.';
  if (maxSteps !== undefined && (typeof maxSteps !== 'number' || !Number.isInteger(maxSteps) || maxSteps < 1)) return '"maxSteps" must be a whole number from 1 on.';
  if (childRunId === undefined) return 'Runs have started runs as deep as they may; do this part of the work yourself.';
  const budgets = leftFor(state, at);
  if (typeof budgets === 'string') return budgets;
  return { for: 'child', runId: childRunId, start: { type, goal, input: input as Record<string, unknown>, labels: labelsFrom(verdict), requester: state.task.requester, ...(state.task.requesterRoles === undefined ? {} : { requesterRoles: state.task.requesterRoles }), ...(state.task.scope === undefined ? {} : { scope: state.task.scope }), ...(state.task.dataSubject === undefined ? {} : { dataSubject: state.task.dataSubject }), budgets: { ...budgets, maxSteps: Math.min(budgets.maxSteps, maxSteps ?? Infinity) }, memoryScopes: [...(state.memoryScopes ?? [])] } };
}

/** What a run can give to one that it starts: what is left of its own, shared with those that the same decision starts. It comes back as far as it was not used. */
function leftFor(state: LiveState, at: number): Budgets | string {
  const { budgets, steps, timers } = state;
  const { tokens, costMicros, amount, tools } = shareOf(leftOf(state), toBeStarted(state));
  const left = {
    maxSteps: budgets.maxSteps - steps,
    deadlineSeconds: Math.floor(((timers[DEADLINE] ?? at) - at) / 1000),
    approvalSeconds: budgets.approvalSeconds,
    ...(tokens === undefined ? {} : { maxTokens: tokens }), ...(costMicros === undefined ? {} : { maxCostMicros: costMicros }), ...(amount === undefined ? {} : { maxAmount: amount }), ...(tools === undefined ? {} : { tools }),
  };
  if (left.maxSteps < 1) return 'No steps are left that another run could use.';
  if (left.deadlineSeconds < 1) return 'No time is left in which another run could end.';
  if ((left.maxCostMicros ?? 1) < 1) return 'No money for models is left that another run could use.';
  return (left.maxTokens ?? 1) < 1 ? 'No tokens are left that another run could use.' : left;
}

/**
 * A run that is handed its task by a model believes each text as far as policy traced it in this run, and no further. A
 * member's name was written by the model as well and has the path of its value, and so may names with a dot: what stands at
 * one path is worth the join of all that was traced there.
 */
function labelsFrom({ origins }: Verdict): Record<string, Label> {
  const labels = new Map<string, Label>();
  for (const { argument, trust, source, secrecy = UNKNOWN_READING.secrecy } of origins) {
    if (argument !== 'goal' && !argument.startsWith('input.')) continue;
    const own: Label = { trust, secrecy, source: source.slice(0, 512) || 'parent run' };
    const other = labels.get(argument);
    labels.set(argument, other === undefined ? own : { ...joined(other, own), source: isAtLeast(own.trust, other.trust) ? other.source : own.source });
  }
  const unknown: Label = { ...UNKNOWN_READING, source: 'parent run' };
  return { goal: unknown, input: unknown, ...Object.fromEntries(labels) };
}

function tooLate({ timers }: LiveState, dueAt: number): string | undefined {
  const deadline = timers[DEADLINE];
  return deadline === undefined || dueAt < deadline ? undefined : `The run's own deadline is at ${isoOf(deadline)}, so it would never go on. Choose an earlier time.`;
}

function instantOf(text: unknown): number | undefined {
  const instant = typeof text === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  return Number.isSafeInteger(instant) && instant >= 0 ? instant : undefined;
}

function secondsFrom(at: number, seconds: unknown): number | undefined {
  return typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 1 && seconds <= 31_536_000 ? at + seconds * 1000 : undefined;
}

function isoOf(instant: number): string {
  // eslint-disable-next-line no-restricted-syntax -- Writes out an instant that is given; no clock is read.
  return new Date(Math.min(instant, 8.64e15)).toISOString();
}
