import { describe, expect, it } from '@jest/globals';
import { HoldfastError, subjects, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { UnreliableBus } from './appending/unreliable-bus.fixture.js';
import { JetStreamEventLog, type AppendableDraft } from './index.js';

const draft = (id: string): AppendableDraft => ({ at: 1, cause: { kind: 'test', id }, route: 'wait', events: [{ type: 'timer-fired', timerId: id }] });
const bad: RunKey = { tenant: 'acme', runId: 'bad' };
const good: RunKey = { tenant: 'acme', runId: 'good' };

function bench() {
  const bus = new UnreliableBus();
  const told: HoldfastError[] = [];
  const log = new JetStreamEventLog(bus, 1, (error) => told.push(error as HoldfastError), { retryDelayMs: 0, payloadBytes: 2_000 });
  const write = async (key: RunKey, count: number, head?: RecordedCommit, change: Partial<AppendableDraft> = {}): Promise<RecordedCommit[]> => {
    const written: RecordedCommit[] = [];
    for (let number = 1; number <= count; number += 1) {
      const result = await log.append(key, { ...draft(`${number}`), ...change }, written.at(-1) ?? head);
      if (result.status !== 'appended') throw new Error(result.status);
      written.push(result.recorded);
    }
    return written;
  };
  const plant = (stored: unknown): void => void bus.stored.push({ subject: subjects.commit(0, bad, 'wait'), data: new TextEncoder().encode(typeof stored === 'string' ? stored : JSON.stringify(stored)) });
  const rewrite = (sequence: number, change: (commit: Record<string, unknown>) => void): void => {
    const stored = bus.stored[sequence - 1];
    if (stored === undefined) throw new Error('nothing is there');
    const commit = JSON.parse(new TextDecoder().decode(stored.data)) as Record<string, unknown>;
    change(commit);
    bus.stored[sequence - 1] = { ...stored, data: new TextEncoder().encode(JSON.stringify(commit)) };
  };
  return { bus, log, told, write, plant, rewrite };
}

const refusal = (work: Promise<unknown>): Promise<HoldfastError> => work.then(() => { throw new Error('it was taken'); }, (error: unknown) => error as HoldfastError);

const commits: readonly { readonly what: string; readonly code: string; readonly stored: unknown }[] = [
  { what: 'is no JSON', code: 'log.corrupt', stored: '{"format":1,' },
  { what: 'is no commit', code: 'log.corrupt', stored: { format: 1, nonsense: true } },
  { what: 'names no format', code: 'log.corrupt', stored: [] },
  { what: 'has the format of a later release', code: 'log.format-unknown', stored: { format: 7 } },
  { what: 'holds an event of a later release', code: 'log.event-unknown', stored: { format: 1, events: [{ type: 'timer-fired', v: 2, timerId: 't' }] } },
  { what: 'is another run\'s', code: 'log.corrupt', stored: { format: 1, tenant: 'acme', runId: 'other', number: 1, previousHash: '0'.repeat(64), at: 1, cause: { kind: 'test', id: 'x' }, route: 'wait', events: [{ type: 'timer-fired', timerId: 't' }], pointers: [], hash: '0'.repeat(64) } },
];

describe.each(commits)('a stored commit that $what', ({ code, stored }) => {
  it('stops its own run with an error that names the run and the remedy, whatever is asked', async () => {
    const { log, plant } = bench();
    plant(stored);
    for (const asked of [log.head(bad), log.readRun(bad), log.readTail(bad), log.append(bad, draft('1'), undefined)]) {
      expect(await refusal(asked)).toMatchObject({ code, retryable: false, message: expect.stringContaining('acme.bad'), remedy: expect.stringMatching(/Quarantine|Upgrade/) });
    }
  });

  it('is left out of scans, is told of once each time, and holds nobody else up', async () => {
    const { log, told, write, plant } = bench();
    const before = await write(good, 2);
    plant(stored);
    const after = await write(good, 2, before[1]);
    expect(await log.readPartition(0, 1, 10)).toEqual([...before, ...after]);
    expect(told).toMatchObject([{ code, message: expect.stringContaining('sequence 3') }]);
    expect(await log.readRun(good)).toHaveLength(4);
  });
});

describe('a run of which an earlier part is missing', () => {
  it('is refused as a whole, and is rebuilt from a checkpoint that is still there', async () => {
    const { bus, log, write } = bench();
    const [first] = await write(bad, 1);
    const [, second] = [first, ...(await write(bad, 1, first, { checkpoint: { after: 2 } }))];
    const rest = await write(bad, 3, second);
    const others = await write(good, 2);
    const get = bus.getBySequence.bind(bus);
    bus.getBySequence = async (stream, sequence) => (sequence === 1 ? undefined : get(stream, sequence));

    expect(await refusal(log.readRun(bad))).toMatchObject({ code: 'log.corrupt', message: expect.stringContaining('acme/bad'), remedy: expect.stringContaining('backup') });
    expect(await log.readTail(bad)).toMatchObject({ checkpoint: { number: 2, state: { after: 2 } }, commits: rest });
    expect(await log.readRun(good)).toEqual(others);
  });

  it('is refused when what stands there is another commit', async () => {
    const { bus, log, write } = bench();
    await write(bad, 3);
    const [one, two] = bus.stored;
    if (one === undefined || two === undefined) throw new Error('nothing was stored');
    bus.stored.splice(0, 2, two, one);
    expect(await refusal(log.readRun(bad))).toMatchObject({ code: 'log.corrupt', message: expect.stringContaining('acme/bad') });
  });
});

describe('a replica that is behind', () => {
  it('is asked again on every way of reading, and does not make a sound run look damaged', async () => {
    const { bus, log, write } = bench();
    const written = await write(good, 5);
    const asked = new Map<number, number>();
    const get = bus.getBySequence.bind(bus);
    const behind = (): void => {
      asked.clear();
      bus.getBySequence = async (stream, sequence) => {
        asked.set(sequence, (asked.get(sequence) ?? 0) + 1);
        return asked.get(sequence) === 3 ? get(stream, sequence) : undefined;
      };
    };
    for (const read of [() => log.readRun(good), () => log.readAfter(good, 0), async () => (await log.readTail(good)).commits]) {
      behind();
      expect(await read()).toEqual(written);
    }
  });
});

describe('a claim-checked commit', () => {
  const large: Partial<AppendableDraft> = { events: [{ type: 'timer-fired', timerId: 'x'.repeat(3_000) }] };

  it('whose content is missing stops its own run', async () => {
    const { bus, log, write, told } = bench();
    await write(bad, 1, undefined, large);
    bus.stored.splice(0, 1, { subject: 'payload.acme.gone', data: new Uint8Array() });
    const others = await write(good, 1);
    expect(await refusal(log.readRun(bad))).toMatchObject({ code: 'log.payload-missing', message: expect.stringContaining('acme.bad'), remedy: expect.stringContaining('PAYLOADS') });
    expect(await log.readRun(good)).toEqual(others);
    expect(told).toEqual([]);
  });

  it('whose content was altered stops its own run', async () => {
    const { log, write, rewrite } = bench();
    await write(bad, 1, undefined, large);
    rewrite(1, (payload) => { payload['events'] = []; });
    expect(await refusal(log.readRun(bad))).toMatchObject({ code: 'log.corrupt', message: expect.stringContaining('altered') });
  });

  it('is stored once, after its content, also when the answers are lost', async () => {
    const { bus, log, write } = bench();
    bus.fates.push('answer-lost', 'request-lost', 'fine', 'answer-lost');
    const [recorded] = await write(bad, 1, undefined, large);
    expect(bus.stored.map(({ subject }) => subject.split('.')[0])).toEqual(['payload', 'log']);
    expect(await log.readRun(bad)).toEqual([recorded]);
  });
});
