import { readJson, type Bus } from '@holdfast/bus';
import { ANSWERS_STREAM, HoldfastError, proposal, subjects, type Proposal, type RunKey } from '@holdfast/contracts';

/**
 * Answers of models that the log did not confirm at once, kept where the next planner looks before it pays for another.
 * They are worth no more than a proposal: whoever finds one sends it to the orchestrator, and policy judges it.
 */
export class RecordedAnswers {
  constructor(private readonly bus: Pick<Bus, 'publish' | 'lastBySubject'>) {}

  /** The answer that was recorded for this plan commit; undefined when there is none that can be read. Throws `bus.unavailable` (retryable). */
  async find(key: RunKey, basis: number): Promise<Proposal | undefined> {
    const stored = await this.bus.lastBySubject(ANSWERS_STREAM, subjects.answer(key, basis));
    const parsed = proposal.safeParse(stored === undefined ? undefined : readJson(stored.data));
    return parsed.success && parsed.data.basis === basis ? parsed.data : undefined;
  }

  /** Keeps an answer unless there is one already: the first counts. Throws `answer.unrecorded` (retryable) when nobody knows whether it is kept, and `bus.rejected` when it cannot be. */
  async record(key: RunKey, answer: Proposal): Promise<void> {
    const kept = await this.bus.publish(subjects.answer(key, answer.basis), JSON.stringify(answer), { expected: { sequence: 0 } });
    if (kept.status === 'unknown') throw new HoldfastError({ code: 'answer.unrecorded', message: `The answer to commit ${answer.basis} of run ${key.tenant}/${key.runId} may not have been recorded: ${kept.reason}.`, retryable: true, remedy: `Try again; if it lasts, check the broker and that stream ${ANSWERS_STREAM} exists.` });
  }
}
