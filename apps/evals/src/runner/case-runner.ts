import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError, type RecordedCommit, type RunId, type TenantId } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import { initialState, fold, waitsFor, type RunState } from '@holdfast/run';
import type { ObservedHttp } from '../faults/http-fault.js';
import type { ControlClient } from '../outside/control.js';
import type { FaultProxyClient } from '../outside/fault-proxy.js';
import type { GatewayClient } from '../outside/gateway.js';
import type { WorldClient } from '../outside/world.js';
import type { CaseResult } from '../reporting/report.js';
import { differenceOf } from '../scoring/difference.js';
import { isSolved, isVoid, judge } from '../scoring/judge.js';
import { memberAt } from '../scoring/matching.js';
import type { KillRecord } from '../scoring/scorers.js';
import { fail } from '../scoring/verdict.js';
import type { SuiteCase } from '../suites/suite.js';
import { KillPlan } from './kill-plan.js';
import { RunWatcher, readWholeRun, type Listen } from './run-watcher.js';

/** Everything that a case is run against. */
export interface Surroundings {
  readonly tenant: TenantId;
  readonly log: EventLog;
  readonly listen: Listen;
  readonly gateway: Pick<GatewayClient, 'startTask' | 'answerApproval' | 'cancel'>;
  readonly control: Pick<ControlClient, 'kill' | 'start' | 'startMissing'> | undefined;
  readonly proxy?: Pick<FaultProxyClient, 'set' | 'observed'> | undefined;
  readonly world: Pick<WorldClient, 'setFaults' | 'audit'> | undefined;
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

const POLL_MS = 20;
const CANCEL_GRACE_MS = 5_000;

interface Observed {
  readonly runId: RunId;
  readonly history: readonly RecordedCommit[];
  readonly kills: readonly KillRecord[];
  readonly timedOut: string | undefined;
  /** What the run waits for that only a person can give; the case does not wait for it. */
  readonly held: string | undefined;
}

/** Runs one execution of a case and judges it. Whatever goes wrong on the way fails the case and is its reason. */
export async function runCase(given: SuiteCase, around: Surroundings): Promise<Omit<CaseResult, 'repeat'>> {
  const began = performance.now();
  const { world, proxy } = around;
  try {
    await world?.setFaults(given.faults.world);
    await proxy?.set(given.faults.http);
    const before = await world?.audit();
    const observed = await observe(given, around);
    const http = await proxy?.observed();
    const difference = differenceOf(before, await world?.audit());
    const seen = { history: observed.history, kills: observed.kills, http, difference, held: observed.held };
    const verdicts = [...(observed.timedOut === undefined ? [] : [fail('run', observed.timedOut)]), ...judge(given, seen)];
    const head = observed.history.at(-1);
    return {
      name: given.name, passed: verdicts.every(({ passed }) => passed),
      ...(given.expect.judged === 'exact' ? {} : { solved: observed.timedOut === undefined && isSolved(given, seen), void: observed.timedOut === undefined && isVoid(given, seen) }),
      ...(observed.held === undefined ? {} : { held: observed.held }), ...(given.observed ? { observed: baselineOf(observed.history, http) } : {}),
      runId: observed.runId, durationMs: performance.now() - began, verdicts, kills: observed.kills,
      commits: observed.history.length, ...(head === undefined ? {} : { headHash: head.commit.hash }),
      effects: Object.fromEntries(Object.keys(given.expect.effects).map((path) => [path, countOrValue(memberAt(difference, path))])),
    };
  } catch (error) {
    if (around.signal.aborted) throw error;
    const reason = error instanceof HoldfastError ? `${error.message} ${error.remedy} (${error.code})` : error instanceof Error ? error.message : String(error);
    return { name: given.name, passed: false, durationMs: performance.now() - began, verdicts: [fail('run', reason)], kills: [], commits: 0, effects: {} };
  } finally {
    await world?.setFaults([]).catch(() => undefined);
    await proxy?.set([]).catch(() => undefined);
    if (given.faults.kill.length > 0) await around.control?.startMissing().catch(() => undefined);
  }
}

/** Publishes the task, kills what is to be killed, answers what is asked, and waits until the log shows the end. */
async function observe(given: SuiteCase, around: Surroundings): Promise<Observed> {
  const { gateway, log, signal } = around;
  const deadline = Date.now() + given.timeoutSeconds * 1_000;
  const plan = new KillPlan(given.faults.kill, around.control, () => performance.now());
  const [runId] = await Promise.all([gateway.startTask(given.event, deadline, signal), ...(given.faults.taskTwice ? [gateway.startTask(given.event, deadline, signal)] : [])]);
  const key = { tenant: around.tenant, runId };
  const answering: Promise<void>[] = [];
  const problems: unknown[] = [];
  let state: RunState = initialState;
  const watcher = new RunWatcher(log, around.listen, key, (recorded) => {
    plan.heard(recorded);
    state = foldOrKeep(state, recorded);
    for (const event of recorded.commit.events) {
      // Whether an effect in doubt has happened is not for an eval to claim.
      if (event.type !== 'approval-requested' || given.approvals === undefined || isInDoubt(recorded)) continue;
      answering.push(gateway.answerApproval(runId, event.approvalId, given.approvals, deadline, signal).catch((error: unknown) => void problems.push(error)));
    }
  });
  plan.begin();
  try {
    const held = (): string | undefined => (given.expect.judged !== 'exact' && !plan.isBusy ? heldFor(state, given) : undefined);
    while (!hasEnded(watcher.history) && held() === undefined && Date.now() < deadline && !signal.aborted) await sleep(POLL_MS);
    const heldBy = hasEnded(watcher.history) ? undefined : held();
    const timedOut = hasEnded(watcher.history) || heldBy !== undefined ? undefined : `the run did not end within ${given.timeoutSeconds} s: ${whereItIs(state, around.tenant)}${problems.length === 0 ? '' : ` (${String(problems[0])})`}`;
    const kills = await plan.finish();
    await Promise.all(answering);
    signal.throwIfAborted();
    if (timedOut !== undefined || heldBy !== undefined) await cancelled(around, runId, watcher);
    await sleep(around.settleMs, undefined, { signal });
    return { runId, history: await readWholeRun(log, key), kills, timedOut, held: heldBy };
  } finally {
    watcher.stop();
    await plan.finish().catch(() => undefined);
  }
}

async function cancelled({ gateway }: Surroundings, runId: RunId, watcher: RunWatcher): Promise<void> {
  const deadline = Date.now() + CANCEL_GRACE_MS;
  await gateway.cancel(runId, deadline);
  while (!hasEnded(watcher.history) && Date.now() < deadline) await sleep(POLL_MS);
}

function hasEnded(history: readonly RecordedCommit[]): boolean {
  return history.at(-1)?.commit.events.some((event) => event.type === 'run-ended') === true;
}

/** What only a person can give, when the run waits for nothing else and the case gives no such answers. */
function heldFor(state: RunState, { approvals }: SuiteCase): string | undefined {
  const awaited = state.phase === 'unborn' ? [] : waitsFor(state);
  const ofPeople = awaited.filter((each) => each.for === 'word' || each.for === 'contract' || (each.for === 'approval' && approvals === undefined));
  return awaited.length > 0 && ofPeople.length === awaited.length ? ofPeople[0]?.for : undefined;
}

/** The last commit is left out: nothing that is killed after it could be seen to go on. */
function baselineOf(history: readonly RecordedCommit[], http: ObservedHttp | undefined): CaseResult['observed'] {
  const events = history.slice(0, -1).flatMap(({ commit }) => commit.events).map((event) => ({ event: event.type, ...('tool' in event && typeof event.tool === 'string' ? { tool: event.tool } : {}) }));
  return { events, exchanges: http?.exchanges ?? [] };
}

function isInDoubt({ commit }: RecordedCommit): boolean {
  return commit.events.some((event) => event.type === 'tool-returned' && event.outcome.status === 'in-doubt');
}

/** A history that cannot be folded is for the invariants to report. */
function foldOrKeep(state: RunState, { commit }: RecordedCommit): RunState {
  try {
    return fold([commit], state);
  } catch {
    return state;
  }
}

function whereItIs(state: RunState, tenant: string): string {
  if (state.phase === 'unborn') return `the log has nothing of it under tenant "${tenant}"`;
  const open = Object.values(state.phase === 'ended' ? {} : state.calls).filter(({ status }) => status !== 'settled');
  return open.length === 0 ? `after commit ${state.head} it waits for its planner` : `after commit ${state.head}, ${open.map(({ tool, callId, status }) => `${tool} (${callId}) is ${status}`).join(', ')}`;
}

function countOrValue(value: unknown): unknown {
  return Array.isArray(value) ? value.length : value;
}
