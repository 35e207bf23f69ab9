import { readJson, type Bus } from '@holdfast/bus';
import { GUARDS_STREAM, subjects } from '@holdfast/contracts';
import type { BreakerRecord, GuardAnswer, GuardName, GuardStore, RateRecord, StoredGuard } from '@holdfast/tool-sdk';

/** Guards in the bucket KV_guards: one subject a guard of a tool, changed under its last sequence and told by the broker as it is stored. */
export class BusGuardStore implements GuardStore {
  constructor(private readonly bus: Pick<Bus, 'publish' | 'lastBySubject' | 'listen'>) {}

  async read(tool: string, guard: GuardName): Promise<StoredGuard | undefined> {
    const stored = await this.bus.lastBySubject(GUARDS_STREAM, subjects.guardRecord(tool, guard));
    if (stored === undefined) return undefined;
    return { value: readJson(stored.data), revision: stored.sequence, at: Date.parse(stored.header('Nats-Time-Stamp') ?? '') };
  }

  async write(tool: string, guard: GuardName, value: BreakerRecord | RateRecord, expectedRevision: number): Promise<GuardAnswer> {
    const answer = await this.bus.publish(subjects.guardRecord(tool, guard), JSON.stringify(value), { expected: { sequence: expectedRevision } });
    return answer.status === 'stored' ? { status: 'stored', revision: answer.sequence } : { status: answer.status };
  }

  listen(heard: Parameters<GuardStore['listen']>[0]): () => void {
    return this.bus.listen(subjects.guardsHeard(), ({ subject, data, header }) => {
      const [, tool, guard] = subject.split('.');
      const revision = Number(header('Nats-Sequence'));
      if (tool !== undefined && (guard === 'breaker' || guard === 'rate') && revision > 0) heard(tool, guard, { value: readJson(data), revision });
    });
  }
}
