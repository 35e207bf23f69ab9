import { readJson, type WorkMessage, type WorkResult } from '@holdfast/bus';
import { fact as factSchema, parseFactSubject, parseTimerSubject, runId, tenantId, timerFact, type Fact, type RunKey } from '@holdfast/contracts';
import type { TaskAdmission } from '../admission/task-admission.js';
import { kindOf, describe } from './failures.js';
import type { IntakeMeans } from './fact-intake.js';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 15_000;
/**
 * How long after its moment a timer that the run does not know is kept, in milliseconds. Timers are armed before the
 * commit that sets them, and that commit may come later than a short wait is over; it never comes later than this.
 */
const UNKNOWN_TIMER_KEPT_MS = 30_000;
/** How soon a fact is looked at again whose run a later release has written. */
const NEWER_RETRY_MS = 60_000;

/** A task, once its turn has come. What has to wait for long is given back, so that others behind it are seen. */
export async function takeTask(means: IntakeMeans, admission: TaskAdmission | undefined, message: WorkMessage): Promise<WorkResult> {
  const tenant = parseFactSubject(message.subject)?.key.tenant ?? '';
  const admitted = await admission?.enter(tenant);
  if (admitted === 'closed') return { againAfterMs: 0 };
  if (typeof admitted === 'object') return { againAfterMs: admitted.laterMs };
  return takeInbox(means, message).finally(() => admission?.leave(tenant));
}

/** A fact of the durable inbox. */
export async function takeInbox(options: IntakeMeans, message: WorkMessage): Promise<WorkResult> {
  const place = wellNamed(parseFactSubject(message.subject));
  const parsed = factSchema.safeParse(readJson(message.data));
  if (place !== undefined && parsed.success && parsed.data.kind === place.source) return settle(options, message, place.key, parsed.data);
  const reason = parsed.success ? `a fact of kind "${parsed.data.kind}" does not belong on this subject` : parsed.error.message;
  return bury(options, message, place?.key.tenant ?? 'unknown', { code: 'fact.malformed', reason, remedy: 'Send facts through the gateway.' }, place?.key.runId);
}

/** A timer that is due. Nobody but the orchestrator can have set it, so a message that is none is nothing. */
export async function takeTimer(options: IntakeMeans, message: WorkMessage): Promise<WorkResult> {
  const place = wellNamed(parseTimerSubject(message.subject));
  const body = readJson(message.data) as { timerId?: string; dueAt?: number } | undefined;
  const parsed = timerFact.safeParse({ kind: 'timer', id: `timer:${body?.timerId}:${body?.dueAt}`, timerId: body?.timerId, dueAt: body?.dueAt });
  if (place === undefined || !parsed.success) return 'done';
  return settle(options, message, place.key, parsed.data, options.clock() < parsed.data.dueAt + UNKNOWN_TIMER_KEPT_MS);
}

/** Folds a fact. `keepUnknown` gives back what means nothing to the run yet, since the commit that it belongs to may still come. */
async function settle(options: IntakeMeans, message: WorkMessage, key: RunKey, fact: Fact, keepUnknown = false): Promise<WorkResult> {
  const again: WorkResult = { againAfterMs: Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(message.deliveries - 1, 10)) };
  const about = { tenant: key.tenant, run_id: key.runId, fact: fact.kind };
  try {
    const processed = await options.processor.process(key, fact);
    if (processed.status === 'refused') return bury(options, message, key.tenant, { code: processed.code, reason: processed.reason, remedy: 'Correct the sender; this fact will not be tried again.' }, key.runId);
    if (keepUnknown && (processed.status === 'duplicate' || processed.status === 'stale')) return again;
    if (processed.status !== 'unavailable') return 'done';
    options.logger.warn({ ...about, reason: processed.reason }, 'a fact waits');
    return again;
  } catch (error) {
    const kind = kindOf(error);
    if (kind === 'newer') {
      options.logger.warn({ ...about, err: error }, 'a fact waits for a later release');
      return { againAfterMs: NEWER_RETRY_MS };
    }
    options.logger[kind === 'later' ? 'warn' : 'error']({ ...about, err: error, deliveries: message.deliveries }, 'a fact could not be processed');
    if (kind === 'broken' && !(await options.letters.quarantine(key, error))) return again;
    const hopeless = kind === 'broken' || (kind === 'unknown' && options.failures.add(`${message.subject}:${message.sequence}`, message.deliveries));
    return hopeless ? bury(options, message, key.tenant, describe(error), key.runId) : again;
  }
}

async function bury(options: IntakeMeans, message: WorkMessage, tenant: string, refusal: Parameters<IntakeMeans['letters']['keep']>[2], run?: string): Promise<WorkResult> {
  return (await options.letters.keep(message, tenant, refusal, run)) ? 'done' : { againAfterMs: FIRST_RETRY_MS };
}

/** A subject's tokens allow more than identifiers do, and a commit under a wrong one could never be read again. */
export function wellNamed<T extends { readonly key: RunKey }>(place: T | undefined): T | undefined {
  return place !== undefined && tenantId.safeParse(place.key.tenant).success && runId.safeParse(place.key.runId).success ? place : undefined;
}
