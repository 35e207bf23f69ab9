import type { Bus, WorkMessage, WorkResult } from '@holdfast/bus';
import type { EventLog } from '@holdfast/event-log';
import { runtimeConsumer, type Commit, type Fact, type FactOf, type RunEventOf, type RunKey } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import type { RunCache } from '../runs/run-cache.js';
import type { Processed, RunProcessor } from '../runs/run-processor.js';

const RETRY_MS = 250;

export interface RuntimeCallsOptions {
  readonly bus: Pick<Bus, 'work'>;
  readonly log: Pick<EventLog, 'decode'>;
  readonly processor: Pick<RunProcessor, 'process'>;
  /** Whether a call of a run still waits, as the log has it. */
  readonly stillWaits: (key: RunKey, callId: string) => Promise<boolean>;
  readonly concurrency: number;
  readonly logger: Logger;
}

/**
 * Acts upon the commits whose dispatch is Holdfast's own work: a run starts another, asks it to end, or has ended and
 * somebody waits for it. A commit is acknowledged when the other run's log holds what it says. All of it may be done
 * twice: the other run's id follows from parent and call, and each fact is folded once. Timers need nothing here; they are
 * armed before the commit that sets them.
 *
 * The other run may belong to another orchestrator's partition. It is written to all the same: ownership is for speed, and
 * the log's fence keeps both honest.
 */
export function openRuntimeCalls(options: RuntimeCallsOptions, partition: number): (graceMs: number) => Promise<void> {
  const { logger } = options;
  const worker = options.bus.work({
    consumer: runtimeConsumer(partition), concurrency: options.concurrency,
    onError: (error, message) => logger.error({ err: error, subject: message.subject }, 'a commit could not be acted upon and will be tried again'),
    onMissing: (description) => logger.error({ description, partition }, 'a consumer is missing: run the installer'),
    handle: (message) => actUpon(options, message),
  });
  return (graceMs) => worker.stop(graceMs);
}

async function actUpon(options: RuntimeCallsOptions, message: WorkMessage): Promise<WorkResult> {
  const { commit } = await options.log.decode(message);
  for (const event of commit.events) {
    const isDone = event.type === 'wait-begun' ? await startChild(options, commit, event)
      : event.type === 'child-stop-asked' ? await stopChild(options, commit, event)
        : event.type === 'run-ended' ? await tellParent(options, commit, event)
          : true;
    if (!isDone) return { againAfterMs: RETRY_MS };
  }
  return 'done';
}

/** Begins the run that a call asks for. Where it cannot begin, the parent is told, for it would wait for ever. */
async function startChild(options: RuntimeCallsOptions, { tenant, runId, encryption }: Commit, { callId, wait }: RunEventOf<'wait-begun'>): Promise<boolean> {
  if (wait.for !== 'child') return true;
  const { type, goal, input, labels, budgets, scope, memoryScopes, dataSubject, requester = `run:${runId}`, requesterRoles } = wait.start;
  const task: FactOf<'task'> = {
    kind: 'task', id: `task:${runId}:${callId}`, requester, ...(requesterRoles === undefined ? {} : { requesterRoles }), child: { parent: { runId, callId }, labels, budgets, ...(scope === undefined ? {} : { scope }), ...(memoryScopes === undefined ? {} : { memoryScopes }), ...(encryption === undefined ? {} : { dataKey: encryption.key }) },
    event: { specversion: '1.0', id: callId, source: `/runs/${runId}`, type, ...(dataSubject === undefined ? {} : { datasubject: dataSubject }), data: { ...input, goal } },
  };
  const started = await options.processor.process({ tenant, runId: wait.runId }, task);
  if (started.status !== 'refused') return isSettled(options, started, wait.runId, task);
  const fact: FactOf<'child'> = { kind: 'child', id: `child:${wait.runId}:refused`, callId, runId: wait.runId, status: 'refused', reason: started.reason, usage: { steps: 0, tokens: 0, amount: 0 } };
  return isSettled(options, await options.processor.process({ tenant, runId }, fact), runId, fact);
}

/** Asks a run to end. One that has not begun yet will, before this is tried again; unless its start was refused meanwhile. */
async function stopChild(options: RuntimeCallsOptions, { tenant, runId }: Commit, event: RunEventOf<'child-stop-asked'>): Promise<boolean> {
  const { callId, action } = event;
  const fact: FactOf<'control'> = { kind: 'control', id: `control:${action}:${runId}:${callId}`, action, by: `run:${runId}`, reason: 'the run that started this one is being ended' };
  const asked = await options.processor.process({ tenant, runId: event.runId }, fact);
  if (asked.status === 'refused' && asked.code === 'run.unknown') return !(await options.stillWaits({ tenant, runId }, callId));
  return isSettled(options, asked, event.runId, fact);
}

async function tellParent(options: RuntimeCallsOptions, { tenant, runId }: Commit, { parent, usage, status, answer, reason, read }: RunEventOf<'run-ended'>): Promise<boolean> {
  if (parent === undefined) return true;
  const fact: FactOf<'child'> = { kind: 'child', id: `child:${runId}`, callId: parent.callId, runId, status, reason, usage: usage ?? { steps: 0, tokens: 0, amount: 0 }, ...(answer === undefined ? {} : { answer }), ...(read === undefined ? {} : { read }) };
  return isSettled(options, await options.processor.process({ tenant, runId: parent.runId }, fact), parent.runId, fact);
}

/** Whether a call of a run still waits, as the log has it. */
export async function stillWaits(cache: Pick<RunCache, 'load'>, key: RunKey, callId: string): Promise<boolean> {
  const { state } = await cache.load(key);
  return state.phase !== 'unborn' && state.calls[callId]?.status === 'waiting';
}

/** Everything but "not now" settles a fact: the other run's log holds it, or has no use for it any more. */
function isSettled({ logger }: RuntimeCallsOptions, processed: Processed, runId: string, fact: Fact): boolean {
  if (processed.status === 'unavailable') logger.warn({ run_id: runId, fact: fact.kind, reason: processed.reason }, 'a fact waits');
  if (processed.status === 'refused') logger.error({ run_id: runId, fact: fact.kind, code: processed.code, reason: processed.reason }, 'a run refused what another told it');
  return processed.status !== 'unavailable';
}
