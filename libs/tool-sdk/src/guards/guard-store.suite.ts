import { beforeEach, describe, expect, it } from '@jest/globals';
import type { GuardAnswer, GuardStore } from './guard-store.js';

let tools = 0;

function revisionOf(answer: GuardAnswer): number {
  if (answer.status !== 'stored') throw new Error(`not stored: ${answer.status}`);
  return answer.revision;
}

/** What every {@link GuardStore} must keep to. Call it in a specification of the adapter, with how to open one. */
export function describeGuardStore(name: string, open: () => Promise<GuardStore>): void {
  describe(`${name} as a store of guards`, () => {
    let store: GuardStore;
    let tool: string;
    beforeEach(async () => {
      store = await open();
      tools += 1;
      tool = `suite_${Date.now()}_${tools}`;
    });

    it('has nothing of a tool that nobody wrote about', async () => {
      expect(await store.read(tool, 'breaker')).toBeUndefined();
    });

    it('gives back what was written last, with its revision and a moment that never goes back', async () => {
      const first = revisionOf(await store.write(tool, 'rate', { blocks: [], last: 1 }, 0));
      const before = await store.read(tool, 'rate');
      const second = revisionOf(await store.write(tool, 'rate', { blocks: [{ at: 1, calls: 1 }], last: 2 }, first));
      const after = await store.read(tool, 'rate');

      expect(before).toMatchObject({ value: { blocks: [], last: 1 }, revision: first });
      expect(after).toMatchObject({ value: { blocks: [{ at: 1, calls: 1 }], last: 2 }, revision: second });
      expect(after?.at).toBeGreaterThanOrEqual(before?.at ?? NaN);
    });

    it('keeps the guards of one tool apart', async () => {
      await store.write(tool, 'rate', { blocks: [], last: 1 }, 0);

      expect(await store.read(tool, 'breaker')).toBeUndefined();
    });

    it('stores one of two writes that expect the same revision', async () => {
      const answers = await Promise.all(['one', 'two'].map((by) => store.write(tool, 'breaker', { state: 'probing', forMs: 10, by }, 0)));

      expect(answers.map(({ status }) => status).sort()).toEqual(['conflict', 'stored']);
    });

    it('tells of a change, with its revision', async () => {
      const heard = new Promise((resolve) => {
        const stop = store.listen((about, guard, change) => {
          if (about !== tool) return;
          stop();
          resolve({ guard, ...change });
        });
      });
      const revision = revisionOf(await store.write(tool, 'breaker', { state: 'closed' }, 0));

      expect(await heard).toMatchObject({ guard: 'breaker', value: { state: 'closed' }, revision });
    });
  });
}
