import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RecordedCommit } from '@holdfast/contracts';
import { InMemoryEventLog, type CommitMessage, type StoredLog } from '../index.js';
import { verifyLog, verifyRun } from './verify.js';

const RUNS = ['a', 'b', 'c'];
const LENGTH = 12;

/** A log whose stored messages were tampered with; sequences stay as the messages say. */
class TamperedLog implements StoredLog {
  constructor(readonly partitions: number, readonly messages: readonly CommitMessage[], private readonly original: StoredLog, readonly altered: Uint8Array | 'missing' | undefined = undefined) {}

  async readStored(_partition: number, sequence: number, limit: number, key?: { readonly runId: string }): Promise<readonly CommitMessage[]> {
    return this.messages.filter((message) => message.sequence >= sequence && (key === undefined || message.subject.startsWith(`log.0.acme.${key.runId}.`))).slice(0, limit);
  }

  async lastStored(): Promise<number> {
    return this.messages.at(-1)?.sequence ?? 0;
  }

  async readPayload(tenant: string, digest: string): Promise<Uint8Array | undefined> {
    if (this.altered === 'missing') return undefined;
    return this.altered ?? this.original.readPayload(tenant, digest);
  }
}

let original: InMemoryEventLog;
let messages: readonly CommitMessage[];
const tampered = (changed: readonly CommitMessage[], altered?: Uint8Array | 'missing'): TamperedLog => new TamperedLog(1, changed, original, altered);
const textOf = ({ data }: CommitMessage): string => new TextDecoder().decode(data);
const numberOf = (message: CommitMessage): number => {
  const stored = JSON.parse(textOf(message)) as { number?: number; commit?: { number: number } };
  return stored.number ?? stored.commit?.number ?? 0;
};
const runOf = (message: CommitMessage): string => message.subject.split('.').slice(2, 4).join('/');

beforeAll(async () => {
  original = new InMemoryEventLog(1, 1_500);
  const heads = new Map<string, RecordedCommit>();
  for (let number = 1; number <= LENGTH; number += 1) {
    for (const runId of RUNS) {
      const result = await original.append({ tenant: 'acme', runId }, {
        at: number, cause: { kind: 'test', id: `${number}` }, route: number === LENGTH ? 'end' : 'wait', ...(number % 5 === 0 ? { checkpoint: { number } } : {}),
        events: [{ type: 'run-paused', by: 'ada', reason: number === 7 ? 'x'.repeat(2_000) : 'r' }],
      }, heads.get(runId));
      if (result.status === 'appended') heads.set(runId, result.recorded);
    }
  }
  messages = await original.readStored(0, 1, 1_000);
});

/** The paths of all values inside some JSON. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]));
}

function alter(message: CommitMessage, path: readonly (string | number)[]): CommitMessage {
  const copy = JSON.parse(textOf(message)) as Record<string | number, unknown>;
  let target = copy;
  for (const step of path.slice(0, -1)) target = target[step] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  target[last] = typeof target[last] === 'number' ? target[last] + 1 : `${String(target[last])}x`;
  return { ...message, data: new TextEncoder().encode(JSON.stringify(copy)) };
}

describe.each([{ maximumRuns: 100 }, { maximumRuns: 1 }])('the check of a whole log that remembers at most $maximumRuns runs', (limits) => {
  const verify = (log: StoredLog) => verifyLog(log, { page: 7, ...limits });

  it('finds nothing wrong with an untouched log, and sums it up', async () => {
    expect(await verify(original)).toEqual({ holds: true, commits: RUNS.length * LENGTH, findings: [], more: 0, partitions: [{ partition: 0, last: 36, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }] });
  });

  it('names the commit in which any one field was altered, claim-checked ones included', async () => {
    for (const [index, message] of messages.entries()) {
      for (const path of pathsOf(JSON.parse(textOf(message)))) {
        const { findings } = await verify(tampered(messages.with(index, alter(message, path))));
        expect({ path, found: findings.some(({ sequence, run }) => sequence === message.sequence && run === runOf(message)) }).toEqual({ path, found: true });
      }
    }
  });

  it('names a field that was added and one that was taken out', async () => {
    const [first] = messages;
    if (first === undefined) throw new Error('no messages');
    const change = (edit: (commit: Record<string, unknown>) => void): CommitMessage => {
      const copy = JSON.parse(textOf(first)) as Record<string, unknown>;
      edit(copy);
      return { ...first, data: new TextEncoder().encode(JSON.stringify(copy)) };
    };
    for (const edit of [(commit: Record<string, unknown>) => { commit['note'] = 'x'; }, (commit: Record<string, unknown>) => { delete commit['at']; }]) {
      expect((await verify(tampered(messages.with(0, change(edit))))).findings).toMatchObject([{ sequence: 1, run: 'acme/a', number: 1, problem: expect.stringContaining('altered') }]);
    }
  });

  it('finds a message that was taken out of the stream, and the place in its run', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: messages.length - 2 }), async (index) => {
      const gone = messages[index] as CommitMessage;
      const { findings } = await verify(tampered(messages.toSpliced(index, 1)));
      expect(findings[0]).toMatchObject({ sequence: gone.sequence, problem: expect.stringContaining('missing') });
      if (numberOf(gone) < LENGTH) expect(findings).toContainEqual(expect.objectContaining({ run: runOf(gone), number: numberOf(gone) + 1 }));
    }));
  });

  it('finds a message that was taken out of a stream whose sequences were closed up again', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: messages.length - 1 }), async (index) => {
      const gone = messages[index] as CommitMessage;
      const closed = messages.toSpliced(index, 1).map((message, position) => ({ ...message, sequence: position + 1 }));
      const { findings } = await verify(tampered(closed));
      // The ends of the runs are the ends of the stream, which only an earlier report can tell.
      if (numberOf(gone) < LENGTH) expect(findings).toContainEqual(expect.objectContaining({ run: runOf(gone), number: numberOf(gone) + 1 }));
    }));
  });

  it('finds two commits of a run that changed places', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...RUNS), fc.tuple(fc.nat(LENGTH - 1), fc.nat(LENGTH - 1)).filter(([one, other]) => one !== other), async (runId, [one, other]) => {
      const own = messages.filter((message) => runOf(message) === `acme/${runId}`);
      const [first, second] = [own[one] as CommitMessage, own[other] as CommitMessage];
      const swapped = messages.with(first.sequence - 1, { ...second, sequence: first.sequence }).with(second.sequence - 1, { ...first, sequence: second.sequence });
      expect((await verify(tampered(swapped))).findings).toContainEqual(expect.objectContaining({ run: `acme/${runId}`, sequence: Math.min(first.sequence, second.sequence) }));
    }));
  });

  it('finds a commit that was repeated', async () => {
    const repeated = [...messages, { ...(messages[3] as CommitMessage), sequence: messages.length + 1 }];
    expect((await verify(tampered(repeated))).findings).toMatchObject([{ sequence: 37, run: 'acme/a', number: 2, problem: expect.stringContaining('repeated') }]);
  });

  it('finds a content that was altered or is missing', async () => {
    expect((await verify(tampered(messages, new TextEncoder().encode('{}')))).findings).toContainEqual(expect.objectContaining({ run: 'acme/a', problem: expect.stringContaining('altered') }));
    expect((await verify(tampered(messages, 'missing'))).findings).toContainEqual(expect.objectContaining({ run: 'acme/b', problem: expect.stringContaining('missing') }));
  });
});

describe('the check of a log', () => {
  it('finds runs that are in the wrong place because the number of partitions is another', async () => {
    const two = new InMemoryEventLog(2);
    await two.append({ tenant: 'acme', runId: 'a' }, { at: 1, cause: { kind: 'test', id: '1' }, route: 'wait', events: [{ type: 'timer-fired', timerId: 't' }] }, undefined);
    const asThree: StoredLog = {
      partitions: 3,
      readStored: async (partition, sequence, limit) => (partition < 2 ? two.readStored(partition, sequence, limit) : []),
      lastStored: async (partition) => (partition < 2 ? two.lastStored(partition) : 0),
      readPayload: async () => undefined,
    };
    expect((await verifyLog(asThree)).findings).toEqual([expect.objectContaining({ run: 'acme/a', problem: expect.stringContaining('of 3') })]);
  });

  it('tells a copy whose end was cut off from the original by last sequence and digest', async () => {
    const [whole, cut] = [await verifyLog(original), await verifyLog(tampered(messages.slice(0, -1)))];
    expect(cut.holds).toBe(true);
    expect(cut.partitions[0]?.last).not.toBe(whole.partitions[0]?.last);
    expect(cut.partitions[0]?.digest).not.toBe(whole.partitions[0]?.digest);
  });

  it('lists a bounded number of findings and counts the rest', async () => {
    const broken = messages.map((message) => ({ ...message, data: new TextEncoder().encode('nonsense') }));
    expect(await verifyLog(tampered(broken), { maximumFindings: 5 })).toMatchObject({ holds: false, findings: { length: 5 }, more: 31 });
  });
});

describe('the check of one run', () => {
  it('says that it holds, and names what does not', async () => {
    const key = { tenant: 'acme', runId: 'b' };
    expect(await verifyRun(original, key, { page: 5 })).toMatchObject({ holds: true, commits: LENGTH, findings: [] });
    const index = messages.findIndex((message) => runOf(message) === 'acme/b' && numberOf(message) === 4);
    const { findings } = await verifyRun(tampered(messages.with(index, alter(messages[index] as CommitMessage, ['at']))), key);
    expect(findings).toEqual([{ partition: 0, sequence: index + 1, run: 'acme/b', number: 4, problem: 'a field was altered after it was written' }]);
  });
});
