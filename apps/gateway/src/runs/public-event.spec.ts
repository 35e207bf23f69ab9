import { describe, expect, it } from '@jest/globals';
import type { Commit, RunEvent } from '@holdfast/contracts';
import { PublicView, permitDigest, publicEvent, SECRET } from './public-event.js';
import { PERMIT, accepted, append, called, decided, ended, judged, key, newLog, payInvoice, returned } from './run.fixture.js';

async function historyOf(write: (log: ReturnType<typeof newLog>) => Promise<unknown>): Promise<readonly Commit[]> {
  const log = newLog();
  await write(log);
  return (await log.readRun(key('run-1'))).map((recorded) => recorded.commit);
}

describe('a run in public', () => {
  it('shows every event under its place and hides permits behind their digest', async () => {
    const commits = await historyOf((log) => payInvoice(log, key('run-1')));
    const view = new PublicView();
    const events = commits.flatMap((commit) => view.events(commit));

    expect(events.every((event) => publicEvent.safeParse(event).success)).toBe(true);
    expect(events.map((event) => event.event.type)).toEqual(commits.flatMap((commit) => commit.events.map((event) => event.type)));
    expect(events.find((event) => event.event.type === 'tool-called')?.event).toMatchObject({ permitDigest: permitDigest(PERMIT) });
    expect(events.filter(({ event }) => 'permit' in event)).toEqual([]);
    expect(JSON.stringify(events)).not.toContain(PERMIT);
  });

  it('hides what a person says an effect in doubt gave back, until its labels are known', async () => {
    const run = key('run-1');
    const commits = await historyOf(async (log) => {
      await append(log, run, 'plan', [accepted()]);
      await append(log, run, 'call.default', [decided(1, [{ tool: 'look_up', arguments: {} }]), judged('c1-1', 'look_up', 'allow', 'ok'), called('c1-1', 'look_up', {})]);
      await append(log, run, 'call.default', [{ type: 'doubt-resolved', approvalId: 'doubt-c1-1', callId: 'c1-1', tool: 'look_up', adapter: 'default', effect: 'keyed', arguments: {}, resolution: 'happened', result: { pin: 'pin-4711' }, by: 'ada', comment: '' }]);
    });
    expect(commits.flatMap((commit) => new PublicView().events(commit)).at(-1)?.event).toMatchObject({ type: 'doubt-resolved', by: 'ada', result: SECRET });
  });

  it('hides what was secret in an earlier turn of the thread', async () => {
    const text = (secrecy: 'internal' | 'secret') => ({ text: 'The pin is pin-4711.', label: { trust: 'model', secrecy, source: 'thread' } as const });
    const turn = { run: { runId: 'r0', number: 2, hash: 'a'.repeat(64) }, requester: 'ada', status: 'completed' } as const;
    const commits = await historyOf((log) => append(log, key('run-1'), 'plan', [accepted(), { type: 'thread-read', thread: 't1', omitted: 0, turns: [{ ...turn, goal: text('internal') }, { ...turn, goal: text('internal'), answer: text('secret') }] }]));

    expect(commits.flatMap((commit) => new PublicView().events(commit))[1]?.event).toMatchObject({ turns: [{ goal: { text: SECRET } }, { goal: { text: SECRET }, answer: { text: SECRET } }] });
  });

  it('hides a summary of what was secret, whose own words nobody could find', async () => {
    const summed = (secrecy: 'internal' | 'secret') => ({ type: 'context-compacted', upTo: 1, summary: 'The pin begins with 47.', by: 'model', label: { trust: 'model', secrecy, source: 'summary' } }) as const;
    const commits = await historyOf((log) => append(log, key('run-1'), 'plan', [accepted(), summed('internal'), summed('secret')]));

    expect(commits.flatMap((commit) => new PublicView().events(commit)).slice(1).map(({ event }) => event)).toMatchObject([{ summary: 'The pin begins with 47.' }, { summary: SECRET }]);
  });

  it('hides what a plan says that was made of secrets, but not the tools that it names', async () => {
    const planned = (secrecy: 'internal' | 'secret'): RunEvent => ({ type: 'plan-adopted', steps: [{ intention: 'try the pin 47', tools: ['pay'] }], label: { trust: 'model', secrecy, source: 'plan' } });
    const commits = await historyOf((log) => append(log, key('run-1'), 'plan', [accepted(), planned('internal'), planned('secret')]));

    expect(commits.flatMap((commit) => new PublicView().events(commit)).slice(1).map(({ event }) => event)).toMatchObject([{ steps: [{ intention: 'try the pin 47', tools: ['pay'] }] }, { steps: [{ intention: SECRET, tools: ['pay'] }] }]);
  });

  it('hides secret fields and every later repetition of their values', async () => {
    const run = key('run-1');
    const commits = await historyOf(async (log) => {
      await append(log, run, 'plan', [{ ...accepted({ input: { pin: 'pin-4711', iban: 'DE02' } }), labels: { 'input.pin': { trust: 'user', secrecy: 'secret', source: 'task.input.pin' } } }]);
      await append(log, run, 'call.default', [decided(1, [{ tool: 'look_up', arguments: {} }]), judged('c1-1', 'look_up', 'allow', 'ok'), called('c1-1', 'look_up', {})]);
      await append(log, run, 'plan', returned('c1-1', 'look_up', { name: 'Supplier', lines: [{ account: 'DE99-SECRET' }, { account: 7654321 }] }, 'internal', ['lines.*.account']));
      await append(log, run, 'end', [decided(3, [{ tool: 'pay', arguments: { to: 'DE99-SECRET', number: 7654321 } }]), ended('Sent DE99-SECRET and pin-4711 to the supplier.')]);
    });
    const view = new PublicView();
    const events = commits.flatMap((commit) => view.events(commit));
    const text = JSON.stringify(events);

    for (const secret of ['pin-4711', 'DE99-SECRET', '7654321']) expect(text).not.toContain(secret);
    expect(events.find((event) => event.event.type === 'task-accepted')?.event['task']).toMatchObject({ input: { pin: SECRET, iban: 'DE02' } });
    expect(events.find((event) => event.event.type === 'observation-recorded')?.event['content']).toEqual({ name: 'Supplier', lines: [{ account: SECRET }, { account: SECRET }] });
    expect(events.find((event) => event.event.type === 'tool-returned')?.event['outcome']).toMatchObject({ status: 'succeeded', result: { name: 'Supplier' } });
  });

  it('hides a result that is secret as a whole, in the outcome too', async () => {
    const commits = await historyOf(async (log) => {
      await append(log, key('run-1'), 'plan', [accepted()]);
      await append(log, key('run-1'), 'plan', returned('c1-1', 'vault', { word: 'sesame-open' }, 'secret'));
    });
    const view = new PublicView();
    const events = commits.flatMap((commit) => view.events(commit)).slice(1);

    expect(events.map(({ event }) => event['content'] ?? (event['outcome'] as { result: unknown }).result)).toEqual([SECRET, SECRET]);
  });

  it('hides what has the form of a credential though nothing labels it', async () => {
    const commits = await historyOf((log) => append(log, key('run-1'), 'plan', [accepted({ goal: `Use Bearer abcdefghijkl and ${PERMIT}.` })]));

    expect(JSON.stringify(commits.flatMap((commit) => new PublicView().events(commit)))).not.toMatch(/abcdefghijkl|eyJ/);
  });
});
