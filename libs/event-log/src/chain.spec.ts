import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RecordedCommit } from '@holdfast/contracts';
import { InMemoryEventLog, decodeCommit, findBreak } from './index.js';

const key = { tenant: 'acme', runId: 'run-1' };

async function historyOf(length: number): Promise<RecordedCommit[]> {
  const log = new InMemoryEventLog(1);
  let head: RecordedCommit | undefined;
  for (let number = 1; number <= length; number += 1) {
    const result = await log.append(key, { at: number, cause: { kind: 'test', id: `f${number}` }, route: 'wait', events: [{ type: 'run-paused', by: 'ada', reason: `r${number}` }], ...(number % 3 === 0 ? { checkpoint: { after: number } } : {}) }, head);
    if (result.status === 'appended') head = result.recorded;
  }
  return [...(await log.readRun(key))];
}

/** The paths of all values inside a commit. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]));
}

function alter(commit: RecordedCommit, path: readonly (string | number)[]): RecordedCommit {
  const copy = structuredClone(commit) as { commit: Record<string, unknown>; sequence: number };
  let target: Record<string, unknown> = copy as unknown as Record<string, unknown>;
  for (const step of path.slice(0, -1)) target = target[step] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  target[last] = typeof target[last] === 'number' ? (target[last] as number) + 1 : `${String(target[last])}x`;
  return copy as unknown as RecordedCommit;
}

describe('the hash chain', () => {
  it('holds for an untouched history', async () => {
    expect(findBreak(await historyOf(40))).toBeUndefined();
  });

  it('names the commit in which any single field was altered', async () => {
    const history = await historyOf(6);
    for (const [index, recorded] of history.entries()) {
      for (const path of pathsOf(recorded.commit, ['commit'])) {
        const altered = history.with(index, alter(recorded, path));
        expect({ path, found: findBreak(altered)?.number }).toEqual({ path, found: expect.any(Number) });
      }
    }
  });

  it('finds commits that are missing, repeated or out of order', async () => {
    const history = await historyOf(8);
    fc.assert(fc.property(fc.shuffledSubarray([...history.keys()], { minLength: 1 }), (order) => {
      const rearranged = order.flatMap((index) => history[index] ?? []);
      const isPrefix = order.every((index, position) => index === position);
      expect(findBreak(rearranged) === undefined).toBe(isPrefix);
    }));
  });
});

describe('decodeCommit', () => {
  it('tells where a commit is that cannot be read', () => {
    expect(() => decodeCommit('{"format":1}', 'LOG-0, sequence 7')).toThrow(expect.objectContaining({ code: 'log.corrupt', message: expect.stringContaining('LOG-0, sequence 7') }) as never);
    expect(() => decodeCommit('not JSON', 'LOG-0, sequence 7')).toThrow(expect.objectContaining({ code: 'log.corrupt' }) as never);
  });

  it('asks for an upgrade when a later release wrote it', () => {
    expect(() => decodeCommit('{"format":9}', 'LOG-0, sequence 7')).toThrow(expect.objectContaining({ code: 'log.format-unknown' }) as never);
  });
});
