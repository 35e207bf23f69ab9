import { HoldfastError, UNKNOWN_READING, writtenAfter, type MemoryDocument, type RecordedCommit } from '@holdfast/contracts';

/** The document that an ended run's answer makes, and which run wrote it when. */
export interface OutcomeDocument {
  readonly document: MemoryDocument;
  readonly writtenBy: { readonly runId: string; readonly commit: number };
}

/**
 * What a run was asked and what it answered, as a document, by its history in the log. A model wrote the answer, so it is worth what the
 * run had read, and anything at all where the log does not say what that was. Throws `memory.no-outcome` for a run that has not completed,
 * or that is not there.
 */
export function outcomeDocument(runId: string, history: readonly RecordedCommit[]): OutcomeDocument {
  const begun = history[0]?.commit.events.find((event) => event.type === 'task-accepted' || event.type === 'run-forked');
  const last = history.at(-1)?.commit;
  const end = last?.events.find((event) => event.type === 'run-ended');
  if (begun === undefined || last === undefined || end?.status !== 'completed' || end.answer === undefined || end.answer.trim() === '') {
    throw new HoldfastError({ code: 'memory.no-outcome', message: `The run "${runId}" has not completed with an answer.`, retryable: false, remedy: 'Wait until it has; GET /v1/runs/<run> tells how it stands.' });
  }
  const { goal, type } = begun.task;
  return {
    document: {
      documentId: `outcomes/${runId}`, title: `What came of a task of type ${type}`.slice(0, 300), text: `${goal}\n\n${end.answer}`, source: `urn:holdfast:run:${runId}`, author: `run ${runId}`, writtenAt: last.at,
      ...writtenAfter(end.read ?? UNKNOWN_READING),
    },
    writtenBy: { runId, commit: last.number },
  };
}
