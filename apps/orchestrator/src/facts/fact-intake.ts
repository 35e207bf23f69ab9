import type { Bus, WorkMessage } from '@holdfast/bus';
import { adapterReport, ownerConsumers, plannerRequest, type RunKey } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import type { TaskAdmission } from '../admission/task-admission.js';
import type { RunProcessor } from '../runs/run-processor.js';
import { answerRequest } from './answer-request.js';
import { DeadLetters } from './dead-letters.js';
import { FailureCount } from './failures.js';
import { takeInbox, takeTask, takeTimer } from './take-message.js';

export interface FactIntakeOptions {
  readonly bus: Pick<Bus, 'work' | 'serve' | 'publish'>;
  readonly partitions: number;
  /** Messages of all partitions in hand at once, for each of the three kinds of consumers. */
  readonly concurrency: number;
  readonly processor: Pick<RunProcessor, 'process' | 'recover'>;
  readonly logger: Logger;
  readonly clock: () => number;
  /** Whether a run is about a data subject; none is when left out. */
  readonly isAboutSomebody?: (key: RunKey) => Promise<boolean>;
  /** Decides when a task of a partition may begin a run; at once when left out. */
  readonly admission?: (partition: number) => TaskAdmission;
}

/** The options, with what keeps and counts the facts that cannot be processed. */
export interface IntakeMeans extends FactIntakeOptions {
  readonly letters: DeadLetters;
  readonly failures: FailureCount;
}

/** How to end the intake of a partition: resolves when nothing is in hand any more, at most after `graceMs`. */
export type CloseIntake = (graceMs: number) => Promise<void>;

/**
 * Takes in the facts of one partition. Facts from people and other services wait in durable queues and are acknowledged
 * once the log holds them; facts from the planner and the adapters are requests, whose senders keep their own work until
 * they are answered.
 */
export function openFactIntake(options: FactIntakeOptions, partition: number): CloseIntake {
  const { bus, logger, clock } = options;
  const means: IntakeMeans = { ...options, letters: new DeadLetters(bus, clock, logger, options.isAboutSomebody), failures: new FailureCount() };
  const consumers = ownerConsumers(partition);
  const admission = options.admission?.(partition);
  const concurrency = Math.max(1, Math.ceil(options.concurrency / options.partitions));
  const onError = (error: unknown, message: WorkMessage): void => logger.error({ err: error, subject: message.subject }, 'a fact could not be taken and will be tried again');
  const onMissing = (description: string): void => logger.error({ description, partition }, 'a consumer is missing: run the installer');
  const common = { concurrency, onError, onMissing };
  const workers = [
    bus.work({ ...common, consumer: consumers.tasks, handle: (message) => takeTask(means, admission, message) }),
    bus.work({ ...common, consumer: consumers.people, handle: (message) => takeInbox(means, message) }),
    bus.work({ ...common, consumer: consumers.timers, handle: (message) => takeTimer(means, message) }),
  ];
  const served = [
    bus.serve(`fact.${partition}.*.*.plan`, plannerRequest, (request, context) => answerRequest(means, context.subject, request)),
    bus.serve(`fact.${partition}.*.*.tool`, adapterReport, (fact, context) => answerRequest(means, context.subject, fact)),
  ];
  return async (graceMs) => {
    admission?.close();
    const grace = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([grace, Promise.all([...workers.map((worker) => worker.stop(graceMs)), ...served.map((stop) => stop())])]);
  };
}
