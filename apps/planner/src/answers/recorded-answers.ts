import type { z } from 'zod';
import { readJson, type Bus } from '@holdfast/bus';
import { ANSWERS_STREAM, HoldfastError, compaction, proposal, subjects, type Compaction, type Proposal, type RunKey } from '@holdfast/contracts';

/**
 * What models were paid for and the log does not hold yet, kept where the next planner looks before it pays again: answers that were not
 * confirmed at once, and summaries, each of which is told to the log with the answer that comes after it.
 * They are worth no more than a proposal: whoever finds one sends it to the orchestrator, and policy judges it.
 */
export class RecordedAnswers {
  constructor(private readonly bus: Pick<Bus, 'publish' | 'lastBySubject'>) {}

  /** The answer that was recorded for this plan commit; undefined when there is none that can be read. Throws `bus.unavailable` (retryable). */
  async find(key: RunKey, basis: number): Promise<Proposal | undefined> {
    const answer = await this.read(subjects.answer(key, basis), proposal);
    return answer?.basis === basis ? answer : undefined;
  }

  /** Keeps an answer unless there is one already: the first counts. Throws `answer.unrecorded` (retryable) when nobody knows whether it is kept, and `bus.rejected` when it cannot be. */
  record(key: RunKey, answer: Proposal): Promise<void> {
    return this.keep(subjects.answer(key, answer.basis), answer, `The answer to commit ${answer.basis} of run ${key.tenant}/${key.runId}`);
  }

  /** The summary that was recorded for this plan commit and reaches up to commit `upTo`; undefined when there is none that can be read. Throws `bus.unavailable` (retryable). */
  async findSummary(key: RunKey, basis: number, upTo: number): Promise<Compaction | undefined> {
    const summary = await this.read(subjects.summary(key, basis), compaction);
    return summary?.upTo === upTo ? summary : undefined;
  }

  /** Keeps a summary unless there is one already. Throws as {@link RecordedAnswers.record} does. */
  recordSummary(key: RunKey, basis: number, summary: Compaction): Promise<void> {
    return this.keep(subjects.summary(key, basis), summary, `The summary for commit ${basis} of run ${key.tenant}/${key.runId}`);
  }

  private async read<T>(subject: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const stored = await this.bus.lastBySubject(ANSWERS_STREAM, subject);
    const parsed = schema.safeParse(stored === undefined ? undefined : readJson(stored.data));
    return parsed.success ? parsed.data : undefined;
  }

  private async keep(subject: string, value: Proposal | Compaction, what: string): Promise<void> {
    const kept = await this.bus.publish(subject, JSON.stringify(value), { expected: { sequence: 0 } });
    if (kept.status === 'unknown') throw new HoldfastError({ code: 'answer.unrecorded', message: `${what} may not have been recorded: ${kept.reason}.`, retryable: true, remedy: `Try again; if it lasts, check the broker and that stream ${ANSWERS_STREAM} exists.` });
  }
}
