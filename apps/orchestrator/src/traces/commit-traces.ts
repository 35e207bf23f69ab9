import type { Bus, WorkMessage } from '@holdfast/bus';
import { consumersOf, HoldfastError, type Commit } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import { ATTRIBUTE, spanName, type CommitDescription, type Logger, type Telemetry } from '@holdfast/observability';

/** Commits older than this are not exported when tracing is switched on late: their trace is long closed. */
const OLDEST_MS = 24 * 3_600_000;

/**
 * Projects the log to spans, by a durable consumer that acknowledges a commit when the trace endpoint has it. So no
 * commit's span is lost with a killed process, and the spans of all work hang below spans that exist.
 */
export function startCommitTraces(bus: Bus, log: Pick<EventLog, 'partitions' | 'decode'>, telemetry: Telemetry, logger: Logger, clock: () => number): void {
  if (!telemetry.enabled) return;
  for (const consumer of consumersOf(log.partitions, []).filter((candidate) => candidate.name === 'traces')) {
    bus.work({
      consumer, concurrency: 256,
      onError: (error, message) => logger.debug({ err: error, subject: message.subject }, 'a commit waits for the trace endpoint'),
      onMissing: (description) => logger.error({ description }, 'the consumer for traces is missing: run the installer'),
      handle: async (message) => {
        const { commit } = await log.decode(message);
        if (commit.at < clock() - OLDEST_MS) return 'done';
        try {
          await telemetry.commitSpans.export([describe(commit, message)]);
        } catch (error) {
          if (error instanceof HoldfastError && !error.retryable) return 'done';
          throw error;
        }
        return 'done';
      },
    });
  }
}

function describe(commit: Commit, message: WorkMessage): CommitDescription {
  const called = commit.events.find((event) => event.type === 'tool-called');
  const checked = commit.events.find((event) => event.type === 'policy-checked');
  const accepted = commit.events.find((event) => event.type === 'task-accepted');
  return {
    tenant: commit.tenant,
    runId: commit.runId,
    number: commit.number,
    commitId: commit.hash,
    causeCommitId: commit.parent,
    route: commit.route,
    startedAt: commit.at,
    recordedAt: commit.at,
    name: spanName.commit(commit.route),
    attributes: {
      'holdfast.commit.events': commit.events.map((event) => event.type),
      [ATTRIBUTE.toolName]: called?.tool ?? checked?.tool,
      [ATTRIBUTE.toolCallId]: called?.callId ?? checked?.verdict.callId,
      [ATTRIBUTE.policyOutcome]: checked?.verdict.outcome,
      [ATTRIBUTE.policyDigest]: checked?.verdict.policyDigest,
      [ATTRIBUTE.agentName]: accepted?.agent.name,
    },
    ...(message.header('traceparent') === undefined ? {} : { origin: message.header('traceparent') }),
  };
}
