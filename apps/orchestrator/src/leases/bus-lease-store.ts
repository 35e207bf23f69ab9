import { z } from 'zod';
import { readJson, type Bus } from '@holdfast/bus';
import { HoldfastError, LEASES_STREAM, subjects } from '@holdfast/contracts';
import type { LeaseRecord, LeaseSnapshot, LeaseStore, MemberRecord, TakeResult } from './lease-store.js';

/** More records than members and partitions that an installation can have. */
const MOST_RECORDS = 10_000;
const PATIENCE_MS = 1_000;
/** A process on the same network answers in a millisecond; one that is stopped does not. */
const PROBE_PATIENCE_MS = 150;

const memberBody = z.strictObject({ leaving: z.boolean() });
const leaseBody = z.strictObject({ owner: z.string().optional() });

/** The leases in a JetStream key-value bucket; its stream keeps one record for each key. */
export class BusLeaseStore implements LeaseStore {
  constructor(private readonly bus: Pick<Bus, 'publish' | 'getBatch' | 'probe'>) {}

  async read(): Promise<LeaseSnapshot> {
    const members: MemberRecord[] = [];
    const leases = new Map<number, LeaseRecord>();
    for (const stored of await within(PATIENCE_MS, this.bus.getBatch(LEASES_STREAM, 1, MOST_RECORDS, subjects.leaseRecords()))) {
      const [, , kind, name = ''] = stored.subject.split('.');
      const member = kind === 'member' ? memberBody.safeParse(readJson(stored.data)) : undefined;
      const lease = kind === 'partition' ? leaseBody.safeParse(readJson(stored.data)) : undefined;
      if (member?.success === true) members.push({ member: name, sequence: stored.sequence, leaving: member.data.leaving, storedAt: Date.parse(stored.header('Nats-Time-Stamp') ?? '') });
      // A record that cannot be read belongs to nobody, and whoever should have the partition writes it anew.
      if (lease !== undefined) leases.set(Number(name), { owner: lease.data?.owner, sequence: stored.sequence });
    }
    return { members, leases };
  }

  async beat(member: string, leaving: boolean): Promise<void> {
    await this.bus.publish(subjects.memberRecord(member), JSON.stringify({ leaving }), { timeoutMs: PATIENCE_MS });
  }

  async take(partition: number, owner: string | undefined, after: number): Promise<TakeResult> {
    const answer = await this.bus.publish(subjects.leaseRecord(partition), JSON.stringify({ owner }), { expected: { sequence: after }, timeoutMs: PATIENCE_MS });
    return answer.status === 'stored' ? { status: 'set', sequence: answer.sequence } : { status: answer.status };
  }

  probe(member: string): Promise<'somebody' | 'nobody' | 'unknown'> {
    return this.bus.probe(subjects.member(member), PROBE_PATIENCE_MS);
  }
}

/** A look that was lost with its connection must not hold up the next one. */
function within<T>(patienceMs: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new HoldfastError({ code: 'leases.unavailable', message: 'The bucket of leases did not answer.', retryable: true, remedy: 'Check the broker and the stream KV_leases; run the installer if it is missing.' })), patienceMs);
    answer.then(resolve, reject).finally(() => clearTimeout(late));
  });
}
