import type { RunKey, TenantId } from '@holdfast/contracts';
import type { ThreadRun, ThreadRuns } from './thread-runs.js';

/** The twin of the stream THREADS, for specifications. */
export class MemoryThreadRuns implements ThreadRuns {
  private readonly runs = new Map<string, Map<string, ThreadRun>>();

  async join({ tenant, runId }: RunKey, thread: string, dataSubject?: string): Promise<void> {
    const name = `${tenant}/${thread}`;
    const known = this.runs.get(name) ?? new Map<string, ThreadRun>();
    if (!known.has(runId)) known.set(runId, { runId, ...(dataSubject === undefined ? {} : { dataSubject }) });
    this.runs.set(name, known);
  }

  async of(tenant: TenantId, thread: string): Promise<readonly ThreadRun[]> {
    return [...(this.runs.get(`${tenant}/${thread}`)?.values() ?? [])];
  }
}
