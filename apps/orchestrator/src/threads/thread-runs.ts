import { storedAfter, type Bus } from '@holdfast/bus';
import { z } from 'zod';
import { HoldfastError, THREADS_STREAM, dataSubject, parseThreadSubject, subjects, type RunKey, type TenantId } from '@holdfast/contracts';

/** A run that was noted as one of a thread. */
export interface ThreadRun {
  readonly runId: string;
  /** Whose personal data it is about. */
  readonly dataSubject?: string;
}

/**
 * Which runs belong to a thread, in the order in which they came. An entry is written before the commit that begins its run, so
 * that a crash in between loses no run; that the run belongs to the thread is what its own log says.
 */
export interface ThreadRuns {
  /** Writing it twice is once. Throws `thread.unavailable` (retryable) unless it is stored. */
  join(key: RunKey, thread: string, dataSubject?: string): Promise<void>;
  /** Throws `bus.unavailable` (retryable). */
  of(tenant: TenantId, thread: string): Promise<readonly ThreadRun[]>;
}

/** The entries on the stream THREADS: a subject each. */
export class BusThreadRuns implements ThreadRuns {
  constructor(private readonly bus: Pick<Bus, 'publish' | 'getBatch'>) {}

  async join({ tenant, runId }: RunKey, thread: string, dataSubject?: string): Promise<void> {
    const answer = await this.bus.publish(subjects.threadRun(tenant, thread, runId), JSON.stringify({ dataSubject }), { expected: { sequence: 0 } });
    // A conflict that names a last sequence says that the entry is there.
    if (answer.status === 'stored' || (answer.status === 'conflict' && answer.lastSequence !== undefined)) return;
    throw new HoldfastError({ code: 'thread.unavailable', message: `It could not be noted that run ${tenant}/${runId} belongs to the thread ${thread}.`, retryable: true, remedy: 'Try again; if it lasts, check the broker and the stream THREADS, which the installer makes.' });
  }

  async of(tenant: TenantId, thread: string): Promise<readonly ThreadRun[]> {
    const found: ThreadRun[] = [];
    for await (const { subject, data } of storedAfter(this.bus, THREADS_STREAM, 0, subjects.threadRuns(tenant, thread))) found.push(...entryOf(subject, data));
    return found;
  }
}

const note = z.object({ dataSubject: dataSubject.optional() });

function entryOf(subject: string, data: Uint8Array): readonly ThreadRun[] {
  const place = parseThreadSubject(subject);
  const { dataSubject: named } = note.parse(JSON.parse(new TextDecoder().decode(data)));
  return place === undefined ? [] : [{ runId: place.key.runId, ...(named === undefined ? {} : { dataSubject: named }) }];
}
