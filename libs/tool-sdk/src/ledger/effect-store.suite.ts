import { beforeEach, describe, expect, it } from '@jest/globals';
import { subjects, type EffectClaim, type EffectOutcome } from '@holdfast/contracts';
import type { EffectStore } from './effect-store.js';

let operations = 0;

/** A subject that no other test uses, so that the suite can run against a store that cannot forget. */
function freshSubject(): { readonly subject: string; readonly operationKey: string } {
  operations += 1;
  const operationKey = `${Date.now().toString(16)}${operations.toString(16)}`.padStart(64, '0').slice(-64);
  return { subject: subjects.effect('suite', 'pay', operationKey), operationKey };
}

function claim(operationKey: string, owner: string, epoch = 1): EffectClaim {
  return { kind: 'claim', operationKey, tool: 'pay', identity: { invoice: 'Ä-7' }, argumentsDigest: 'a'.repeat(64), run: 'run-1', callId: 'c1-1', owner, epoch, at: 1_000 };
}

function outcome(operationKey: string, retentionMs?: number): EffectOutcome {
  const at = Date.now();
  if (retentionMs !== undefined) return { ...outcome(operationKey), at, expiresAt: at + retentionMs };
  return { kind: 'outcome', operationKey, argumentsDigest: 'a'.repeat(64), epoch: 1, run: 'run-1', callId: 'c1-1', at: 2_000, outcome: { status: 'succeeded', result: { paid: true }, replayed: false, attempts: [{ at: 1_500, durationMs: 1.5, outcome: 'succeeded' }] } };
}

/** What every {@link EffectStore} must keep to. Call it in a specification of the adapter, with how to open one. */
export function describeEffectStore(name: string, open: () => Promise<EffectStore>): void {
  describe(`${name} as an effect store`, () => {
    let store: EffectStore;
    beforeEach(async () => {
      store = await open();
    });

    it('has nothing under a subject that nobody wrote to', async () => {
      expect(await store.last(freshSubject().subject)).toBeUndefined();
    });

    it('gives back the last record as it was written, with its sequence', async () => {
      const { subject, operationKey } = freshSubject();
      const first = await store.append(subject, claim(operationKey, 'worker-1'), 0);
      if (first.status !== 'stored') throw new Error(`not stored: ${JSON.stringify(first)}`);
      const second = await store.append(subject, outcome(operationKey), first.sequence);
      if (second.status !== 'stored') throw new Error(`not stored: ${JSON.stringify(second)}`);

      expect(second.sequence).toBeGreaterThan(first.sequence);
      expect(await store.last(subject)).toEqual({ record: outcome(operationKey), sequence: second.sequence });
    });

    it('refuses a first record where there is one already, and keeps what it has', async () => {
      const { subject, operationKey } = freshSubject();
      await store.append(subject, claim(operationKey, 'worker-1'), 0);

      expect(await store.append(subject, claim(operationKey, 'worker-2'), 0)).toEqual({ status: 'conflict' });
      expect((await store.last(subject))?.record).toEqual(claim(operationKey, 'worker-1'));
    });

    it('refuses an expected sequence that is too high', async () => {
      const { subject, operationKey } = freshSubject();
      const first = await store.append(subject, claim(operationKey, 'worker-1'), 0);
      const sequence = first.status === 'stored' ? first.sequence : 0;

      expect(await store.append(subject, claim(operationKey, 'worker-2', 2), sequence + 1_000_000)).toEqual({ status: 'conflict' });
    });

    it('keeps the subjects of different operations apart', async () => {
      const [one, other] = [freshSubject(), freshSubject()];
      await store.append(one.subject, claim(one.operationKey, 'worker-1'), 0);

      expect(await store.append(other.subject, claim(other.operationKey, 'worker-2'), 0)).toMatchObject({ status: 'stored' });
      expect((await store.last(one.subject))?.record).toEqual(claim(one.operationKey, 'worker-1'));
    });

    it('stores exactly one of many simultaneous claims', async () => {
      const { subject, operationKey } = freshSubject();
      const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => store.append(subject, claim(operationKey, `worker-${index}`), 0)));
      const winner = answers.findIndex((answer) => answer.status === 'stored');

      expect(answers.filter((answer) => answer.status === 'stored')).toHaveLength(1);
      expect((await store.last(subject))?.record).toEqual(claim(operationKey, `worker-${winner}`));
    });

    describe('after an outcome that expires', () => {
      /** A worker that has claimed and is paused, its successor's outcome, and the time until that is forgotten. */
      async function forgotten(): Promise<{ readonly subject: string; readonly operationKey: string; readonly stale: number }> {
        const { subject, operationKey } = freshSubject();
        const claimed = await store.append(subject, claim(operationKey, 'paused'), 0);
        const stale = claimed.status === 'stored' ? claimed.sequence : 0;
        const settled = await store.append(subject, outcome(operationKey, 1_000), stale);
        expect((await store.last(subject))?.record).toMatchObject({ kind: 'outcome' });
        expect(settled.status).toBe('stored');
        while ((await store.last(subject)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
        return { subject, operationKey, stale };
      }

      it('takes a first record again, though it says the same as the first that ever was, and keeps it', async () => {
        const { subject, operationKey } = await forgotten();

        expect(await store.append(subject, claim(operationKey, 'paused'), 0)).toMatchObject({ status: 'stored' });
        expect(await store.append(subject, claim(operationKey, 'rival'), 0)).toEqual({ status: 'conflict' });
        expect((await store.last(subject))?.record).toEqual(claim(operationKey, 'paused'));
      });

      it('still refuses the late write of a worker that was paused before it', async () => {
        const { subject, operationKey, stale } = await forgotten();

        expect(await store.append(subject, outcome(operationKey), stale)).toEqual({ status: 'conflict' });
        expect(await store.last(subject)).toBeUndefined();
      });
    });

    it('does not let a paused worker write over a later claim', async () => {
      const { subject, operationKey } = freshSubject();
      const paused = await store.append(subject, claim(operationKey, 'paused'), 0);
      const sequence = paused.status === 'stored' ? paused.sequence : 0;
      await store.append(subject, claim(operationKey, 'successor', 2), sequence);

      expect(await store.append(subject, outcome(operationKey), sequence)).toEqual({ status: 'conflict' });
      expect((await store.last(subject))?.record).toEqual(claim(operationKey, 'successor', 2));
    });
  });
}
