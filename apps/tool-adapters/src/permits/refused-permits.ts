import type { Bus } from '@holdfast/bus';
import { HoldfastError, subjects, type DeadLetter, type RunKey } from '@holdfast/contracts';
import { METRIC, type Metrics } from '@holdfast/observability';
import type { ToolLog } from '@holdfast/tool-sdk';

/** A call whose permit was refused, by ids alone: what it carries may be an attacker's. */
export interface RefusedPermit extends RunKey {
  readonly callId: string;
  readonly tool: string;
  /** The number of the commit that asked for it. */
  readonly dispatch: number;
  /** `permit.forged`, `permit.mismatch`, `permit.replayed`, `permit.early` or `permit.expired`. */
  readonly code: string;
  readonly message: string;
}

/** A permit that came too late or too early is suspect only where the call is not known to have been made in time. */
export function isOfTime(code: string): boolean {
  return code === 'permit.expired' || code === 'permit.early';
}

const FORGED = 'Somebody may be forging calls: see docs/runbooks/permits.md.';
/** What to do next, by code, where it is not to look for a forger. */
const REMEDIES: Readonly<Record<string, string>> = {
  'permit.early': 'Probable cause: clock skew; this adapter\'s clock is behind policy\'s. Synchronise both (docs/runbooks/permits.md), then let the agent decide again.',
  'permit.expired': 'Probable cause: clock skew, with this adapter\'s clock ahead of policy\'s, or a call that waited longer than its permit lasts. Synchronise the clocks, and where they agree look at the workers\' backlog (docs/runbooks/permits.md).',
};

export interface RefusalAlert {
  readonly bus: Pick<Bus, 'publish'>;
  readonly logger: ToolLog;
  readonly metrics: Pick<Metrics, 'count'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/**
 * Alerts: an error in the service's log, a count for Prometheus, and a letter on the dead-letter list, one for each dispatch however
 * often it is delivered, which the doctor counts. A delivery counts even where the letter is there already: whoever wrote it
 * may have died before anybody read its metrics. Throws a retryable error when the letter could not be stored; then the call is handled again.
 */
export function alertRefused({ bus, logger, metrics, clock }: RefusalAlert): (refused: RefusedPermit) => Promise<void> {
  return async ({ tenant, runId, callId, tool, dispatch, code, message }) => {
    logger.error({ tenant, run_id: runId, call_id: callId, tool, dispatch, code }, 'a permit was refused');
    metrics.count(METRIC.permitsRefused, { reason: code, tool });
    const letter: DeadLetter = {
      at: clock(), subject: `run ${tenant}/${runId}`, code, reason: `Call ${callId} of ${tool}, dispatched by commit ${dispatch}, was refused: ${message}`, runId, payload: '',
      remedy: REMEDIES[code] ?? FORGED,
    };
    const answer = await bus.publish(subjects.dead(tenant, 'permits', `${runId}-${dispatch}-${callId}`), JSON.stringify(letter), { expected: { sequence: 0 } });
    // A conflict says that the letter is there already.
    if (answer.status === 'unknown') throw new HoldfastError({ code: 'permit.alert-unsaid', message: `That a permit was refused could not be told: ${answer.reason}`, retryable: true, remedy: 'Wait until the broker answers; the call is handled again.' });
  };
}
