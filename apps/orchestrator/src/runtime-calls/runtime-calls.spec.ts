import { describe, expect, it } from '@jest/globals';
import { Installation, TENANT, control, plan, task } from './runtime-calls.fixture.js';

const start = ['holdfast_start_run', { type: 'check', goal: 'Check it.', input: { invoice: 7 } }] as const;
const CHILD = 'r1_c1-1';

describe('a run that starts another', () => {
  it('starts it once however often the commit is delivered, and gets its answer back once', async () => {
    const installation = new Installation();
    await installation.tell('r1', { ...task, requesterRoles: ['operator', 'treasury'] }, plan(1, start));
    await installation.deliver({ times: 3 });
    expect((await installation.events('r1'))[0]).toMatchObject({ task: { requesterRoles: ['operator', 'treasury'] } });
    expect(await installation.types(CHILD)).toEqual(['task-accepted', 'timer-set']);
    expect((await installation.events(CHILD))[0]).toMatchObject({ parent: { runId: 'r1', callId: 'c1-1' }, task: { goal: 'Check it.', input: { invoice: 7 }, requester: '/plans', requesterRoles: ['operator', 'treasury'] }, labels: { goal: { trust: 'model' } } });
    await installation.tell(CHILD, plan(1));
    await installation.deliver({ times: 3 });
    expect(await installation.types('r1')).toEqual(['task-accepted', 'timer-set', 'decision-made', 'policy-checked', 'wait-begun', 'child-ended', 'tool-returned', 'observation-recorded']);
    expect((await installation.events('r1')).at(-1)).toMatchObject({ content: { run: CHILD, answer: 'It is right.' }, label: { trust: 'third-party', secrecy: 'secret' } });
    expect((await installation.log.head({ tenant: TENANT, runId: 'r1' }))?.commit.route).toBe('plan');
    expect(installation.complaints).toEqual([]);
  });

  it('that is about a data subject has what it starts under its own key, and it is erased with it', async () => {
    const installation = new Installation();
    await installation.tell('r1', { ...task, event: { ...task.event, datasubject: 'customer-7' } }, plan(1, start));
    await installation.deliver({ times: 2 });
    const keysOf = async (runId: string) => (await installation.log.readRun({ tenant: TENANT, runId })).map(({ commit }) => commit.encryption?.key);
    const [key] = await keysOf('r1');
    expect(key).toMatchObject({ dataSubject: 'customer-7', generation: 0 });
    expect(new Set([...(await keysOf('r1')), ...(await keysOf(CHILD))].map((each) => each?.id))).toEqual(new Set([key?.id]));
    expect((await installation.events(CHILD))[0]).toMatchObject({ task: { dataSubject: 'customer-7' } });
    expect(await installation.dataKeys.runsBefore(TENANT, 'customer-7', 1)).toEqual(['r1', CHILD]);
    await installation.dataKeys.eraseBefore(TENANT, 'customer-7', 1);
    expect(new Set([...(await installation.types('r1')), ...(await installation.types(CHILD))])).toEqual(new Set(['content-erased']));
    // What was to be done for either of them is nothing any more.
    await installation.deliver({ times: 2 });
    expect(installation.complaints).toEqual([]);
  });

  it('is told when no agent takes such tasks, and goes on', async () => {
    const installation = new Installation();
    await installation.tell('r1', task, plan(1, ['holdfast_start_run', { type: 'unheard-of', goal: 'Check it.' }]));
    await installation.deliver({ times: 2 });
    expect((await installation.events('r1')).at(-1)).toMatchObject({ type: 'tool-returned', outcome: { status: 'failed', failure: { code: 'run.refused', message: expect.stringContaining('unheard-of') } } });
    expect(await installation.events(CHILD)).toEqual([]);
  });

  it('keeps its commit unacknowledged while the log or policy is away', async () => {
    let isAway = true;
    const installation: Installation = new Installation({ process: async (key, fact) => (isAway ? { status: 'unavailable', reason: 'the broker is away' } : installation.processor.process(key, fact)) });
    await installation.tell('r1', task, plan(1, start));
    await installation.deliver();
    expect(await installation.events(CHILD)).toEqual([]);
    isAway = false;
    await installation.deliver();
    expect(await installation.types(CHILD)).toEqual(['task-accepted', 'timer-set']);
  });

  it('asks it to end when it is cancelled itself, also when that is delivered before the start', async () => {
    const installation = new Installation();
    await installation.tell('r1', task, plan(1, start), control('cancel'));
    await installation.deliver({ order: (messages) => messages.toReversed() });
    expect(await installation.types(CHILD)).toEqual(['task-accepted', 'timer-set', 'wind-down-begun', 'run-ended']);
    expect((await installation.events('r1')).at(-1)).toMatchObject({ type: 'run-ended', status: 'cancelled' });
  });

  it('ends when it is cancelled and the other could not be started', async () => {
    const installation = new Installation();
    await installation.tell('r1', task, plan(1, ['holdfast_start_run', { type: 'unheard-of', goal: 'Check it.' }]), control('cancel'));
    await installation.deliver({ order: (messages) => messages.toReversed() });
    expect((await installation.events('r1')).at(-1)).toMatchObject({ type: 'run-ended', status: 'cancelled' });
  });

  it('starts another in its turn, each with less to spend', async () => {
    const installation = new Installation();
    await installation.tell('r1', task, plan(1, start));
    await installation.deliver();
    await installation.tell(CHILD, plan(1, start));
    await installation.deliver();
    const [grandchild] = await installation.events(`${CHILD}_c1-1`);
    expect(grandchild).toMatchObject({ parent: { runId: CHILD, callId: 'c1-1' }, budgets: { maxSteps: 18 } });
    await installation.tell(`${CHILD}_c1-1`, plan(1));
    await installation.deliver();
    await installation.tell(CHILD, plan(3));
    await installation.deliver();
    expect((await installation.events('r1')).find((event) => event.type === 'child-ended')).toMatchObject({ usage: { steps: 2, tokens: 21 } });
  });
});

describe('a run that waits', () => {
  it('has its timer armed before the commit that says so, and is woken by it', async () => {
    const installation = new Installation();
    await installation.tell('r1', task, plan(1, ['holdfast_wait', { seconds: 30 }]));
    expect(installation.armed).toContain('r1:w-c1-1');
    await installation.tell('r1', { kind: 'timer', id: 'timer:w-c1-1', timerId: 'w-c1-1', dueAt: 31_000 });
    expect((await installation.log.head({ tenant: TENANT, runId: 'r1' }))?.commit.route).toBe('plan');
  });
});

describe('a run that begins where another stood', () => {
  const fork = { kind: 'fork', id: 'fork:1', mode: 'fork', origin: { runId: 'r1', number: 2 }, by: 'ada', reason: 'another way' } as const;

  it('is begun from the log of the other, once', async () => {
    const installation = new Installation();
    await installation.tell('r1', task, plan(1, ['holdfast_wait', { seconds: 30 }]));
    expect(await installation.tell('r2', fork, fork)).toEqual(['committed', 'duplicate']);
    const origin = (await installation.log.readRun({ tenant: TENANT, runId: 'r1' }))[1]?.commit;
    expect((await installation.events('r2'))[0]).toMatchObject({ type: 'run-forked', origin: { runId: 'r1', number: 2, hash: origin?.hash }, agent: { name: 'boss' }, unsettled: [{ callId: 'c1-1', status: 'refused' }] });
  });

  it('may go on with another agent, and is refused where there is no such run, commit or agent', async () => {
    const installation = new Installation();
    await installation.tell('r1', task);
    expect(await installation.tell('r2', { ...fork, origin: { runId: 'r1', number: 1 }, agent: 'checker' })).toEqual(['committed']);
    expect((await installation.events('r2'))[0]).toMatchObject({ agent: { name: 'checker' } });
    expect(await installation.tell('r3', { ...fork, origin: { runId: 'r1', number: 9 } }, { ...fork, origin: { runId: 'r9', number: 1 } }, { ...fork, origin: { runId: 'r1', number: 1 }, agent: 'nobody' })).toEqual(['refused', 'refused', 'refused']);
  });
});
