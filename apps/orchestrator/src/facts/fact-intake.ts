import type { Bus, WorkMessage, WorkResult } from '@holdfast/bus';
import { HoldfastError, fact as factSchema, ownerConsumers, parseFactSubject, parseTimerSubject, plannerRequest, runId, subjects, tenantId, timerFact, toolFact, type Fact, type FactAnswer, type FactOf, type PlannerRequest, type RunKey } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import type { Processed, RunProcessor } from '../runs/run-processor.js';

const RETRY_MS = 250;

export interface FactIntakeOptions {
  readonly bus: Pick<Bus, 'work' | 'serve' | 'publish'>;
  readonly partitions: number;
  readonly concurrency: number;
  readonly processor: RunProcessor;
  readonly logger: Logger;
  readonly clock: () => number;
}

/** How to end the intake of a partition: resolves when nothing is in hand any more, at most after `graceMs`. */
export type CloseIntake = (graceMs: number) => Promise<void>;

/**
 * Takes in the facts of one partition. Facts from people and other services wait in durable queues and are acknowledged
 * once the log holds them; facts from the planner and the adapters are requests, whose senders keep their own work until
 * they are answered.
 */
export function openFactIntake(options: FactIntakeOptions, partition: number): CloseIntake {
  const { bus } = options;
  const consumers = ownerConsumers(partition);
  const onError = (error: unknown, message: WorkMessage): void => options.logger.error({ err: error, subject: message.subject }, 'a fact could not be processed and will be tried again');
  const onMissing = (description: string): void => options.logger.error({ description, partition }, 'a consumer is missing: run the installer');
  const concurrency = Math.max(1, Math.ceil(options.concurrency / options.partitions));
  const workers = [
    bus.work({ consumer: consumers.tasks, concurrency, onError, onMissing, handle: (message) => takeInbox(options, message) }),
    bus.work({ consumer: consumers.people, concurrency, onError, onMissing, handle: (message) => takeInbox(options, message) }),
    bus.work({ consumer: consumers.timers, concurrency, onError, onMissing, handle: (message) => takeTimer(options, message) }),
  ];
  const served = [
    bus.serve(`fact.${partition}.*.*.plan`, plannerRequest, (request, context) => answerRequest(options, context.subject, request)),
    bus.serve(`fact.${partition}.*.*.tool`, toolFact, (fact, context) => answerRequest(options, context.subject, fact)),
  ];
  return async (graceMs) => {
    const grace = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([grace, Promise.all([...workers.map((worker) => worker.stop(graceMs)), ...served.map((stop) => stop())])]);
  };
}

async function takeInbox(options: FactIntakeOptions, message: WorkMessage): Promise<WorkResult> {
  const place = wellNamed(parseFactSubject(message.subject));
  const parsed = factSchema.safeParse(readJson(message.data));
  if (place === undefined || !parsed.success || parsed.data.kind !== place.source) {
    const reason = parsed.success ? `a fact of kind "${parsed.data.kind}" does not belong on this subject` : parsed.error.message;
    return deadLetter(options, message, place?.key.tenant ?? 'unknown', 'fact.malformed', reason, 'Send facts through the gateway.');
  }
  return settle(options, message, place.key, parsed.data);
}

async function takeTimer(options: FactIntakeOptions, message: WorkMessage): Promise<WorkResult> {
  const place = wellNamed(parseTimerSubject(message.subject));
  const body = readJson(message.data) as { timerId?: string; dueAt?: number } | undefined;
  const parsed = timerFact.safeParse({ kind: 'timer', id: `timer:${body?.timerId}:${body?.dueAt}`, timerId: body?.timerId, dueAt: body?.dueAt });
  if (place === undefined || !parsed.success) return 'done';
  return settle(options, message, place.key, parsed.data);
}

async function settle(options: FactIntakeOptions, message: WorkMessage, key: RunKey, fact: Fact): Promise<WorkResult> {
  const processed = await options.processor.process(key, fact);
  if (processed.status === 'unavailable') {
    options.logger.warn({ tenant: key.tenant, run_id: key.runId, fact: fact.kind, reason: processed.reason }, 'a fact waits');
    return { againAfterMs: RETRY_MS };
  }
  if (processed.status === 'refused') return deadLetter(options, message, key.tenant, processed.code, processed.reason, 'Correct the sender; this fact will not be tried again.');
  return 'done';
}

/** Keeps a fact that can never be processed once, with its reason, and lets the queue go on. */
async function deadLetter(options: FactIntakeOptions, message: WorkMessage, tenant: string, code: string, reason: string, remedy: string): Promise<WorkResult> {
  const letter = { at: options.clock(), subject: message.subject, code, reason, remedy, payload: new TextDecoder().decode(message.data).slice(0, 65_536) };
  const answer = await options.bus.publish(subjects.dead(tenant, 'orchestrator'), JSON.stringify(letter), { messageId: `${message.subject}:${message.sequence}` });
  if (answer.status !== 'stored') return { againAfterMs: RETRY_MS };
  options.logger.warn({ subject: message.subject, code, reason }, 'a fact was refused and put on the dead-letter list');
  return 'done';
}

async function answerRequest(options: FactIntakeOptions, subject: string, request: PlannerRequest | FactOf<'tool'>): Promise<FactAnswer> {
  const place = wellNamed(parseFactSubject(subject));
  if (place === undefined) throw new HoldfastError({ code: 'fact.malformed', message: `"${subject}" is no subject of a fact.`, retryable: false, remedy: 'Use the subjects of the contracts.' });
  try {
    if (request.kind === 'nudge') {
      await options.processor.recover(place.key);
      return { status: 'duplicate' };
    }
    return answerOf(await options.processor.process(place.key, request));
  } catch (error) {
    options.logger.error({ err: error, tenant: place.key.tenant, run_id: place.key.runId }, 'a fact could not be processed');
    return { status: 'unavailable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A subject's tokens allow more than identifiers do, and a commit under a wrong one could never be read again. */
function wellNamed<T extends { readonly key: RunKey }>(place: T | undefined): T | undefined {
  return place !== undefined && tenantId.safeParse(place.key.tenant).success && runId.safeParse(place.key.runId).success ? place : undefined;
}

function answerOf(processed: Processed): FactAnswer {
  return processed.status === 'refused' ? { status: 'stale', reason: processed.reason } : processed;
}

function readJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
