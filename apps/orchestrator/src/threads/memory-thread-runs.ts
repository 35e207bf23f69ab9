import type { RunKey, TenantId } from '@holdfast/contracts';
import type { ThreadRuns } from './thread-runs.js';

/** The twin of the stream THREADS, for specifications. */
export class MemoryThreadRuns implements ThreadRuns {
  private readonly runs = new Map<string, Set<string>>();

  async join({ tenant, runId }: RunKey, thread: string): Promise<void> {
    const name = `${tenant}/${thread}`;
    this.runs.set(name, (this.runs.get(name) ?? new Set()).add(runId));
  }

  async of(tenant: TenantId, thread: string): Promise<readonly string[]> {
    return [...(this.runs.get(`${tenant}/${thread}`) ?? [])];
  }
}
