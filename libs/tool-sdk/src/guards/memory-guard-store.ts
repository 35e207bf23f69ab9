import type { BreakerRecord, GuardAnswer, GuardName, GuardStore, RateRecord, StoredGuard } from './guard-store.js';

/** The in-memory twin: for specifications, and for a worker that shares its guards with nobody. */
export class InMemoryGuardStore implements GuardStore {
  private readonly records = new Map<string, StoredGuard>();
  private readonly listeners = new Set<Parameters<GuardStore['listen']>[0]>();
  private revision = 0;

  constructor(private readonly now: () => number = Date.now) {}

  read(tool: string, guard: GuardName): Promise<StoredGuard | undefined> {
    return Promise.resolve(this.records.get(`${tool}.${guard}`));
  }

  write(tool: string, guard: GuardName, value: BreakerRecord | RateRecord, expectedRevision: number): Promise<GuardAnswer> {
    const place = `${tool}.${guard}`;
    if ((this.records.get(place)?.revision ?? 0) !== expectedRevision) return Promise.resolve({ status: 'conflict' });
    this.revision += 1;
    const stored = { value: structuredClone(value), revision: this.revision, at: this.now() };
    this.records.set(place, stored);
    for (const heard of this.listeners) heard(tool, guard, stored);
    return Promise.resolve({ status: 'stored', revision: stored.revision });
  }

  listen(heard: Parameters<GuardStore['listen']>[0]): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }
}
