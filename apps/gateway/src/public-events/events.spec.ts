import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PublishAnswer, PublishOptions } from '@holdfast/bus';
import { EVENTS_AGE_MS, HoldfastError, PUBLIC_EVENT_KINDS, publicEventOf, subjects, type RecordedCommit, type Route, type RunEvent } from '@holdfast/contracts';
import { InMemoryEventLog } from '@holdfast/event-log';
import { FakeBus } from '../gateway.fixture.js';
import { accepted, append, called, ended, judged, key, returned } from '../runs/run.fixture.js';
import { EventPublisher } from './event-publisher.js';

const SECRET_TEXT = 'Erika Mustermann';
const NOW = Date.UTC(2026, 0, 2);

/** A broker that, once, does what is asked and does not say so, at one publish of several. */
class ForgetfulBus extends FakeBus {
  silentAt: number | undefined;
  private publishes = 0;
  override async publish(subject: string, payload: Uint8Array | string, options?: PublishOptions): Promise<PublishAnswer> {
    const answer = await super.publish(subject, payload, options);
    return this.publishes++ === this.silentAt ? { status: 'unknown', reason: 'timeout' } : answer;
  }
}

let bus: ForgetfulBus;
let log: InMemoryEventLog;
beforeEach(() => {
  bus = new ForgetfulBus();
  log = new InMemoryEventLog(2);
});

const messageOf = ({ commit, sequence }: RecordedCommit) => ({ subject: subjects.commit(0, commit, commit.route), sequence, data: new TextEncoder().encode(JSON.stringify(commit)) });
const publisher = (now = NOW, decode?: () => Promise<RecordedCommit>): EventPublisher =>
  new EventPublisher({ bus: bus as never, log: { partitions: 2, decode: decode ?? ((message) => log.decode(message)) }, logger: { warn: () => undefined, error: () => undefined }, clock: () => now });
const told = (): readonly (readonly [string, unknown])[] => bus.published.map(({ subject, body }) => [subject, (body as { data: unknown }).data]);

const failure = { code: 'bank.closed', message: SECRET_TEXT, retryable: false, remedy: SECRET_TEXT };
/** Every event of a run that is told, with text in it wherever text can be. */
const HISTORY: readonly (readonly [Route, readonly RunEvent[]])[] = [
  ['plan', [accepted({ goal: SECRET_TEXT, input: { name: SECRET_TEXT } })]],
  ['wait', [judged('c1-1', 'pay', 'ask', SECRET_TEXT), { type: 'approval-requested', approvalId: 'a1', callId: 'c1-1', tool: 'pay', arguments: { name: SECRET_TEXT }, reasons: [SECRET_TEXT], expiresAt: NOW }]],
  ['call.default', [{ type: 'approval-answered', approvalId: 'a1', callId: 'c1-1', by: SECRET_TEXT, comment: SECRET_TEXT, answer: 'approved' }, called('c1-1', 'pay', { name: SECRET_TEXT })]],
  ['plan', returned('c1-1', 'pay', { name: SECRET_TEXT })],
  ['plan', [{ type: 'tool-returned', callId: 'c1-2', tool: 'pay', outcome: { status: 'failed', failure, attempts: [] } }, { type: 'tool-returned', callId: 'c1-3', tool: 'pay', outcome: { status: 'in-doubt', failure: { ...failure, code: `It was ${SECRET_TEXT}.` }, attempts: [] } }]],
  ['plan', [{ type: 'call-refused', callId: 'c2-1', tool: 'pay', reasons: [SECRET_TEXT] }]],
  ['wait', [{ type: 'wait-begun', callId: 'c3-1', tool: 'ask_person', wait: { for: 'signal', name: 's', question: { text: SECRET_TEXT } } }, { type: 'run-paused', by: SECRET_TEXT, reason: SECRET_TEXT }]],
  ['plan', [{ type: 'run-resumed', by: SECRET_TEXT }]],
  ['end', [ended(SECRET_TEXT)]],
];

async function history(): Promise<readonly RecordedCommit[]> {
  const commits: RecordedCommit[] = [];
  for (const [route, events] of HISTORY) commits.push(await append(log, key('r1'), route, events));
  return commits;
}

describe('public events of a run', () => {
  it('say in order what becomes of it, and nothing that anybody wrote', async () => {
    for (const commit of await history()) expect(await publisher().handle(messageOf(commit))).toBe('done');

    expect(told()).toEqual([
      ['event.acme.run.r1.1-0.run-accepted', { agent: { name: 'payables', digest: 'd'.repeat(64) }, task: { source: '/invoices', id: 'inv-1', type: 'invoice.received' } }],
      ['event.acme.run.r1.2-1.approval-requested', { approval: 'a1', call: 'c1-1', tool: 'pay', expiresAt: new Date(NOW).toISOString() }],
      ['event.acme.run.r1.3-0.approval-answered', { approval: 'a1', call: 'c1-1', answer: 'approved' }],
      ['event.acme.run.r1.3-1.tool-called', { call: 'c1-1', tool: 'pay', effect: 'keyed' }],
      ['event.acme.run.r1.4-0.tool-answered', { call: 'c1-1', tool: 'pay', status: 'succeeded' }],
      ['event.acme.run.r1.5-0.tool-answered', { call: 'c1-2', tool: 'pay', status: 'failed', code: 'bank.closed' }],
      ['event.acme.run.r1.5-1.tool-answered', { call: 'c1-3', tool: 'pay', status: 'in-doubt' }],
      ['event.acme.run.r1.6-0.call-refused', { call: 'c2-1', tool: 'pay' }],
      ['event.acme.run.r1.7-0.question-asked', { call: 'c3-1', tool: 'ask_person' }],
      ['event.acme.run.r1.7-1.run-paused', {}],
      ['event.acme.run.r1.8-0.run-resumed', {}],
      ['event.acme.run.r1.9-0.run-ended', { status: 'completed' }],
    ]);
    expect(JSON.stringify(bus.published)).not.toContain(SECRET_TEXT);
  });

  it('are CloudEvents as the contracts describe them', async () => {
    for (const commit of await history()) await publisher().handle(messageOf(commit));

    for (const { subject, body } of bus.published) {
      const kind = PUBLIC_EVENT_KINDS.find((one) => subject.endsWith(`.${one}`));
      expect(kind === undefined ? kind : publicEventOf[kind].safeParse(body)).toMatchObject({ success: true });
    }
  });

  it('do not name the task of a run about somebody', async () => {
    await publisher().handle(messageOf(await append(log, key('r1'), 'plan', [accepted()])));
    const about = await append(log, key('r2'), 'plan', [accepted()]);
    const events = about.commit.events.map((event) => (event.type === 'task-accepted' ? { ...event, task: { ...event.task, dataSubject: 'customer-7' } } : event));
    await publisher(NOW, async () => ({ ...about, commit: { ...about.commit, events } })).handle(messageOf(about));

    expect(told().map(([, data]) => Object.keys(data as object))).toEqual([['agent', 'task'], ['agent']]);
  });

  it('say of what was erased that it was', async () => {
    const recorded = await append(log, key('r1'), 'end', [ended('Yes.')]);
    await publisher(NOW, async () => ({ ...recorded, commit: { ...recorded.commit, events: [{ type: 'content-erased', dataSubject: 'customer-7', types: ['run-ended'] }] } })).handle(messageOf(recorded));

    expect(told()).toEqual([['event.acme.run.r1.1-0.content-erased', {}]]);
  });
});

describe('the publisher of public events', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('tells each once and in order when the broker is silent at publish %i, or somebody else was quicker', async (silentAt) => {
    bus.silentAt = silentAt;
    for (const commit of await history()) {
      while ((await publisher().handle(messageOf(commit))) !== 'done') expect(bus.silentAt).toBe(silentAt);
      await Promise.all([publisher().handle(messageOf(commit)), publisher().handle(messageOf(commit))]);
    }

    const places = told().map(([subject]) => subject.split('.')[4]);
    expect(places).toEqual(['1-0', '2-1', '3-0', '3-1', '4-0', '5-0', '5-1', '6-0', '7-0', '7-1', '8-0', '9-0']);
  });

  it('gives a commit back while the broker does not confirm', async () => {
    const [first] = await history();
    bus.answer = { status: 'unknown', reason: 'timeout' };
    expect(await publisher().handle(messageOf(first as RecordedCommit))).toEqual({ againAfterMs: expect.any(Number) });
    bus.answer = { status: 'conflict' };
    expect(await publisher().handle(messageOf(first as RecordedCommit))).toEqual({ againAfterMs: expect.any(Number) });
  });

  it('does not tell what the stream would have forgotten', async () => {
    const [first] = await history();
    expect(await publisher((first?.commit.at ?? 0) + EVENTS_AGE_MS + 1).handle(messageOf(first as RecordedCommit))).toBe('done');
    expect(bus.published).toEqual([]);
  });

  it('passes over what can never be read, and waits for what can be later', async () => {
    const [first] = await history();
    const failing = (retryable: boolean) => publisher(NOW, async () => Promise.reject(new HoldfastError({ code: 'log.corrupt', message: 'No.', retryable, remedy: 'Restore.' }))).handle(messageOf(first as RecordedCommit));
    expect(await failing(false)).toBe('done');
    await expect(failing(true)).rejects.toMatchObject({ code: 'log.corrupt' });
  });
});
