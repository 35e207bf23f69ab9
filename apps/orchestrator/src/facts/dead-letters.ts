import { createHash } from 'node:crypto';
import type { Bus } from '@holdfast/bus';
import { subjects, type DeadLetter, type RunKey } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import { describe } from './failures.js';

/** Characters of a fact that its letter keeps. */
const KEPT_PAYLOAD = 65_536;
/** What stands in a letter for a fact about a data subject: letters are kept in clear, and no erasure reaches them. */
const NOT_KEPT = '[not kept: it is about a data subject]';

/** Why something can never be processed, and what to do about it. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

/** A fact as it came: the stream's sequence tells apart two that are alike; a request has none. */
export interface Undeliverable {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly sequence?: number;
}

/**
 * Keeps what can never be processed, once each, while everything else goes on. Each letter has a subject of its own that
 * must be empty before, so a process that died between the letter and its acknowledgement writes no second one, however
 * much later the fact comes again.
 */
export class DeadLetters {
  /** `isAboutSomebody` says of a run whether it is about a data subject, and so whether what was meant for it may be. */
  constructor(private readonly bus: Pick<Bus, 'publish'>, private readonly clock: () => number, private readonly logger: Logger, private readonly isAboutSomebody: (key: RunKey) => Promise<boolean> = async () => false) {}

  /** True when the letter is durable. */
  async keep(fact: Undeliverable, tenant: string, refusal: Refusal, runId?: string): Promise<boolean> {
    const payload = new TextDecoder().decode(fact.data);
    const isPersonal = /"datasubject"/i.test(payload) || (runId !== undefined && (await this.isAboutSomebody({ tenant, runId })));
    const digest = createHash('sha256').update(fact.subject).update('\n').update(fact.data).digest('hex').slice(0, 24);
    const letter = fact.sequence === undefined ? digest : `${fact.sequence}-${digest}`;
    return this.write(subjects.dead(tenant, 'orchestrator', letter), { at: this.clock(), subject: fact.subject, ...refusal, ...(runId === undefined ? {} : { runId }), payload: isPersonal ? NOT_KEPT : payload.slice(0, KEPT_PAYLOAD) });
  }

  /** Puts a run whose history is at fault on the list, once, under its own name. True when that is durable. */
  quarantine(key: RunKey, error: unknown): Promise<boolean> {
    const { code, reason, remedy } = describe(error);
    const why = `Run ${key.tenant}/${key.runId} is quarantined: ${reason}`;
    return this.write(subjects.dead(key.tenant, 'quarantine', key.runId), { at: this.clock(), subject: `run ${key.tenant}/${key.runId}`, code, reason: why, remedy, runId: key.runId, payload: '' });
  }

  private async write(letter: string, body: DeadLetter): Promise<boolean> {
    const answer = await this.bus.publish(letter, JSON.stringify(body), { expected: { sequence: 0 } });
    if (answer.status === 'stored') this.logger.error({ letter, run_id: body.runId, subject: body.subject, code: body.code, reason: body.reason }, 'something can never be processed and was put on the dead-letter list');
    // A conflict with a last sequence says that the letter is there; one without, that a rival is just being stored.
    return answer.status === 'stored' || (answer.status === 'conflict' && answer.lastSequence !== undefined);
  }
}
