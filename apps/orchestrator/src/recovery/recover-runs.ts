import { HoldfastError } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import type { Logger } from '@holdfast/observability';
import { HistoryError } from '@holdfast/run';
import type { ArmTimer, RunProcessor } from '../runs/run-processor.js';
import { findOpenRuns, leftovers, type FoundRuns, type OpenRun } from './recovery.js';

export interface RecoveryDependencies {
  readonly log: EventLog;
  readonly processor: Pick<RunProcessor, 'recover'>;
  readonly armTimer: ArmTimer;
  readonly logger: Logger;
  /** Waits before something is tried again. */
  readonly pause: () => Promise<void>;
}

/**
 * Rebuilds what memory held from the log alone: arms the timers of every open run and sends the calls that nobody sent.
 * A run that cannot be read or folded is named and left alone; one that cannot be helped now goes to the end of the queue.
 * Resolves when every other run has been helped; never rejects.
 */
export async function recoverRuns(dependencies: RecoveryDependencies): Promise<void> {
  const { logger, pause } = dependencies;
  const { open, broken } = await findAll(dependencies);
  for (const run of broken) logger.error({ err: run.error, tenant: run.key.tenant, run_id: run.key.runId }, 'the history of a run cannot be folded; the run is left alone');
  const queue = [...open];
  for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
    try {
      await recoverRun(dependencies, run);
    } catch (error) {
      if (isHopeless(error)) {
        logger.error({ err: error, tenant: run.key.tenant, run_id: run.key.runId }, 'a run cannot be recovered; it is left alone');
        continue;
      }
      logger.warn({ err: error, tenant: run.key.tenant, run_id: run.key.runId }, 'recovery of a run is tried again');
      queue.push(run);
      await pause();
    }
  }
  logger.info({ open: open.length, broken: broken.length }, 'recovered from the log');
}

/** Retried until it succeeds, since only the broker can be in its way. */
async function findAll({ log, logger, pause }: RecoveryDependencies): Promise<FoundRuns> {
  for (;;) {
    try {
      return await findOpenRuns(log);
    } catch (error) {
      logger.warn({ err: error }, 'the log is read again');
      await pause();
    }
  }
}

async function recoverRun({ processor, armTimer }: RecoveryDependencies, run: OpenRun): Promise<void> {
  const { timers, dispatch } = leftovers(run);
  for (const [timerId, dueAt] of timers) await armTimer(run.key, timerId, dueAt);
  if (dispatch) await processor.recover(run.key);
}

/** Only what the log itself holds of the run is beyond help; a broker or a policy that says no may say yes later. */
function isHopeless(error: unknown): boolean {
  return error instanceof HistoryError || (error instanceof HoldfastError && error.code.startsWith('log.') && !error.retryable);
}
