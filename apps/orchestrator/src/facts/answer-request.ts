import { HoldfastError, parseFactSubject, type AdapterReport, type FactAnswer, type PlannerRequest, type RunKey } from '@holdfast/contracts';
import { handOn } from '../runs/hand-on.js';
import type { Processed } from '../runs/run-processor.js';
import type { IntakeMeans } from './fact-intake.js';
import { describe, kindOf } from './failures.js';
import { wellNamed } from './take-message.js';

type Request = PlannerRequest | AdapterReport;

/**
 * A fact of a service that keeps its own work until it is answered. It is told to keep it while anything may change; what
 * can never be processed is put on the dead-letter list, and its sender drops it.
 */
export async function answerRequest(options: IntakeMeans, subject: string, request: Request): Promise<FactAnswer> {
  const place = wellNamed(parseFactSubject(subject));
  if (place === undefined) throw new HoldfastError({ code: 'fact.malformed', message: `"${subject}" is no subject of a fact.`, retryable: false, remedy: 'Use the subjects of the contracts.' });
  try {
    if (request.kind !== 'nudge') return answerOf(await options.processor.process(place.key, request), request.kind);
    await options.processor.recover(place.key);
    return { status: 'duplicate' };
  } catch (error) {
    options.logger.error({ err: error, tenant: place.key.tenant, run_id: place.key.runId, fact: request.kind }, 'a fact could not be processed');
    const { reason } = describe(error);
    return (await isKept(options, subject, place.key, request, error)) ? { status: 'stale', reason } : { status: 'unavailable', reason };
  }
}

/** True when the fact is hopeless and its letter is durable. */
async function isKept(options: IntakeMeans, subject: string, key: RunKey, request: Request, error: unknown): Promise<boolean> {
  const kind = kindOf(error);
  const id = request.kind === 'nudge' ? 'nudge' : request.id;
  const hopeless = kind === 'broken' || (kind === 'unknown' && options.failures.add(`${subject}:${id}`, 0));
  if (!hopeless) return false;
  if (kind === 'broken' && !(await options.letters.quarantine(key, error))) return false;
  return request.kind === 'nudge' || options.letters.keep({ subject, data: new TextEncoder().encode(JSON.stringify(request)) }, key.tenant, describe(error), key.runId);
}

/** The planner needs the commits that its proposal became for its next step; an adapter has no use for them. */
function answerOf(processed: Processed, kind: Request['kind']): FactAnswer {
  if (processed.status === 'refused') return { status: 'stale', reason: processed.reason };
  if (processed.status !== 'committed') return processed;
  return { status: 'committed', number: processed.number, ...(kind === 'plan' ? { commits: handOn(processed.commits) } : {}) };
}
