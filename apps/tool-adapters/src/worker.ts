import { hash } from 'node:crypto';
import type { Bus, WorkMessage, WorkResult, Worker } from '@holdfast/bus';
import { HoldfastError, adapterConsumer, answerPatience, consumersOf, factAnswer, outcomeTooLarge, parseCommitSubject, subjects, type FactAnswer } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import { systemClock, type ToolLog } from '@holdfast/tool-sdk';
import type { CallExecutor, ExecutedCall } from './executor/call-executor.js';

/** What the handling of one call needs. */
export interface CallHandling {
  readonly bus: Pick<Bus, 'request'>;
  readonly log: Pick<EventLog, 'decode'>;
  readonly executor: Pick<CallExecutor, 'handle'>;
  readonly logger: ToolLog;
}

export interface ToolWorkerSettings extends CallHandling {
  readonly bus: Pick<Bus, 'work' | 'request'>;
  readonly log: Pick<EventLog, 'partitions' | 'decode'>;
  readonly adapter: string;
  /** Calls of one partition in hand at once; each tool has its own, smaller bound. */
  readonly concurrency?: number;
}

const CONCURRENCY = 32;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** An error that this release cannot get over is looked at again from time to time, since the next release may. */
const HOPELESS_PAUSE_MS = 30_000;

/** Works on the calls of one adapter in every partition of the log. Stops with the bus. */
export function startToolWorker(settings: ToolWorkerSettings): readonly Worker[] {
  const name = adapterConsumer(settings.adapter);
  return consumersOf(settings.log.partitions, [settings.adapter])
    .filter((consumer) => consumer.name === name)
    .map((consumer) =>
      settings.bus.work({
        consumer,
        concurrency: settings.concurrency ?? CONCURRENCY,
        handle: (message, signal) => handleCall(settings, message, signal),
        onError: (error, { subject, sequence }) => settings.logger.error({ err: error, subject, sequence }, 'a call could not be handled and is tried again'),
        onMissing: (description) => settings.logger.error({ stream: consumer.stream, consumer: consumer.name, description }, 'the consumer is missing; run the installer'),
      }),
    );
}

/**
 * Executes one call and reports it. The message stays unacknowledged, and kept alive, until the orchestrator has said
 * that the log holds the outcome (or does not want it): so a crash at any moment brings the call back.
 */
export async function handleCall(settings: CallHandling, message: WorkMessage, signal: AbortSignal): Promise<WorkResult> {
  const place = parseCommitSubject(message.subject);
  try {
    const { commit } = await settings.log.decode(message);
    if (commit.events.some(({ type }) => type === 'content-erased')) {
      settings.logger.info({ subject: message.subject, sequence: message.sequence }, 'a call was erased before it was made, and is not made');
      return 'done';
    }
    const executed = await settings.executor.handle(commit, { deliveries: message.deliveries, traceHeaders: traceHeadersOf(message), signal });
    if (place === undefined) throw new HoldfastError({ code: 'tool.commit-unreadable', message: `"${message.subject}" is no subject of the log.`, retryable: false, remedy: 'Correct the filter of the consumer.' });
    return await report(settings, place.partition, executed, message, signal);
  } catch (error) {
    const hopeless = error instanceof HoldfastError && !error.retryable;
    if (hopeless) settings.logger.error({ err: error, subject: message.subject, sequence: message.sequence }, 'a call cannot be handled by this release');
    else settings.logger.warn({ err: error, subject: message.subject, sequence: message.sequence }, 'a call is tried again later');
    return { againAfterMs: hopeless ? HOPELESS_PAUSE_MS : pauseAfter(message.deliveries) };
  }
}

/** An outcome that no message can carry is told without its content; the effect is never made again for that. */
async function report(settings: Pick<CallHandling, 'bus' | 'logger'>, partition: number, executed: ExecutedCall, message: WorkMessage, signal: AbortSignal): Promise<WorkResult> {
  const subject = subjects.fact(partition, executed.key, 'tool');
  let { fact } = executed;
  for (let tries = 1, isWhole = true; ; tries += 1) {
    let answer: FactAnswer;
    try {
      answer = await ask(settings, subject, fact, message, answerPatience(tries));
    } catch (error) {
      if (fact.kind !== 'tool' || !isWhole || !(error instanceof HoldfastError) || error.code !== 'bus.rejected') throw error;
      settings.logger.error({ ...executed.key, callId: fact.callId, err: error }, 'an outcome is too large for a message and is recorded without its content');
      fact = { ...fact, outcome: outcomeTooLarge(fact.outcome, (text) => hash('sha256', text)) };
      isWhole = false;
      continue;
    }
    if (answer.status !== 'unavailable') {
      if (answer.status === 'stale') settings.logger.info({ ...executed.key, callId: executed.fact.callId, reason: answer.reason }, 'the run no longer waits for this outcome');
      if (answer.status === 'committed') await afterwards(settings, executed, signal);
      return 'done';
    }
    if (signal.aborted) return { againAfterMs: 0 };
    settings.logger.warn({ ...executed.key, callId: executed.fact.callId, reason: answer.reason, tries }, 'an outcome is not in the log yet');
    await systemClock.sleep(pauseAfter(tries), signal);
  }
}

/** Tried here until it is done or the worker stops: when the call comes again, the log no longer tells that this report is the one that it took. */
async function afterwards(settings: Pick<CallHandling, 'logger'>, { key, fact, onRecorded }: ExecutedCall, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await onRecorded?.();
    } catch (error) {
      if (signal.aborted || !(error instanceof HoldfastError) || !error.retryable) throw error;
      settings.logger.warn({ ...key, callId: fact.callId, err: error, tries }, 'what follows a recorded outcome is tried again');
    }
    await systemClock.sleep(pauseAfter(tries), signal);
  }
}

/** The orchestrator's answer; one that did not come, or an error that may pass, counts as unavailable. */
async function ask(settings: { readonly bus: Pick<Bus, 'request'> }, subject: string, fact: ExecutedCall['fact'], message: WorkMessage, timeoutMs: number): Promise<FactAnswer> {
  try {
    return await settings.bus.request(subject, fact, factAnswer, { timeoutMs, headers: traceHeadersOf(message) });
  } catch (error) {
    if (error instanceof HoldfastError && error.retryable) return { status: 'unavailable', reason: `${error.code}: ${error.message}` };
    throw error;
  }
}

/** Doubles with every try; the log of a partition that is away is away for all its runs, so half of it is random. */
function pauseAfter(tries: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries - 1, 10));
  return Math.ceil(longest * (0.5 + Math.random() / 2));
}

const TRACE_HEADERS = ['traceparent', 'tracestate'] as const;

function traceHeadersOf(message: WorkMessage): Record<string, string> {
  return Object.fromEntries(TRACE_HEADERS.flatMap((name) => {
    const value = message.header(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
