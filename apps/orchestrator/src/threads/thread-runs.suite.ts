import { describe, expect, it } from '@jest/globals';
import type { ThreadRuns } from './thread-runs.js';

let named = 0;

/** What every list of the runs of threads promises. */
export function describeThreadRuns(name: string, open: () => ThreadRuns): void {
  describe(name, () => {
    const thread = (): string => `t-${Date.now().toString(36)}-${(named += 1)}`;

    it('names the runs of a thread in the order in which they came, each once, whoever says it again', async () => {
      const [threads, one] = [open(), thread()];
      for (const runId of ['r2', 'r1', 'r2', 'r3', 'r1']) await threads.join({ tenant: 'acme', runId }, one);
      expect(await threads.of('acme', one)).toEqual([{ runId: 'r2' }, { runId: 'r1' }, { runId: 'r3' }]);
    });

    it('keeps threads and tenants apart', async () => {
      const [threads, one, other] = [open(), thread(), thread()];
      await threads.join({ tenant: 'acme', runId: 'r1' }, one);
      await threads.join({ tenant: 'acme', runId: 'r2' }, other);
      await threads.join({ tenant: 'rival', runId: 'r3' }, one);
      expect(await threads.of('acme', one)).toEqual([{ runId: 'r1' }]);
      expect(await threads.of('rival', one)).toEqual([{ runId: 'r3' }]);
      expect(await threads.of('acme', 'nothing')).toEqual([]);
    });

    it('says whose personal data a run is about, as it was first told', async () => {
      const [threads, one] = [open(), thread()];
      await threads.join({ tenant: 'acme', runId: 'r1' }, one, 'customer-7');
      await threads.join({ tenant: 'acme', runId: 'r1' }, one);
      expect(await threads.of('acme', one)).toEqual([{ runId: 'r1', dataSubject: 'customer-7' }]);
    });

    it('takes the same run from many processes at once', async () => {
      const [threads, one] = [open(), thread()];
      await Promise.all(Array.from({ length: 8 }, () => threads.join({ tenant: 'acme', runId: 'r1' }, one)));
      expect(await threads.of('acme', one)).toEqual([{ runId: 'r1' }]);
    });
  });
}
