import { afterEach, describe, expect, it } from '@jest/globals';
import { HoldfastError, subjects, type FactAnswer, type FactOf, type RecordedCommit } from '@holdfast/contracts';
import { History, agent, key, plan, succeeded, task, tool } from '../context/history.fixture.js';
import { chatCompletions } from '../models/model-server.fixture.js';
import { closeServers, pay, planner, type Reply } from './planner.fixture.js';

afterEach(closeServers);

const down = new HoldfastError({ code: 'bus.unanswered', message: 'Nobody answered.', retryable: true, remedy: 'Wait.' });

describe('a plan commit', () => {
  it('is taken from the planner\'s own consumer of each partition', async () => {
    const { consumers } = await planner(await History.of(task), [pay], []);
    expect(consumers).toMatchObject([{ stream: 'LOG-0', name: 'planner', filter: 'log.0.*.*.plan' }]);
  });

  it.each<FactAnswer>([{ status: 'committed', number: 2 }, { status: 'duplicate' }, { status: 'stale', reason: 'moved on' }])('is acknowledged when the orchestrator has answered $status', async (reply) => {
    const history = await History.of(task);
    const { handle, facts } = await planner(history, [pay], [reply]);

    expect(await handle((await history.commits())[0])).toBe('done');
    expect(facts).toMatchObject([{ kind: 'plan', id: expect.stringMatching(/^plan:1:[0-9a-f]{16}$/), proposal: { basis: 1, requests: [{ tool: 'pay' }], model: { toolsShown: ['pay'] } } }]);
  });

  it('is held, and the same fact sent again, until the orchestrator is back; the model is asked once', async () => {
    const history = await History.of(task);
    const { handle, facts, server } = await planner(history, [pay], [{ status: 'unavailable', reason: 'policy is down' }, down, new Error('the connection was lost'), { status: 'committed', number: 2 }]);

    expect(await handle((await history.commits())[0])).toBe('done');
    expect(facts).toHaveLength(4);
    expect(new Set(facts.map((fact) => JSON.stringify(fact))).size).toBe(1);
    expect(server.received).toHaveLength(1);
  });

  it('is answered without its content when no message can carry the proposal; the model is asked once, and told', async () => {
    const history = await History.of(task);
    const tooLarge = new HoldfastError({ code: 'bus.rejected', message: 'max_payload size exceeded', retryable: false, remedy: 'Send less.' });
    const { handle, facts, server } = await planner(history, [pay], [tooLarge, { status: 'committed', number: 2 }]);

    expect(await handle((await history.commits())[0])).toBe('done');
    expect(facts[1]).toMatchObject({ proposal: { requests: [{ requestId: 'call_1', tool: 'unreadable_call', arguments: { tool: 'pay', problem: expect.stringContaining('max_payload') } }] } });
    expect(server.received).toHaveLength(1);
  });

  it('that comes again after its answer was recorded is answered with that, and the model is not asked again', async () => {
    const history = await History.of(task);
    const dying = await planner(history, [pay], [() => {
      dying.stopping.abort();
      return { status: 'unavailable', reason: 'away' };
    }]);
    const [commit] = await history.commits();
    await dying.handle(commit);
    const heir = await planner(history, [pay], [{ status: 'committed', number: 2 }], history.log, dying.recorded);

    expect(await heir.handle(commit, 2)).toBe('done');
    expect(heir.facts).toEqual(dying.facts);
    expect(heir.told).toEqual([{ kind: 'ended', basis: 1, attempt: 2, n: 0, outcome: 'recorded' }]);
    expect([dying.server.received.length, heir.server.received.length]).toEqual([1, 0]);
  });

  it.each([
    ['is no proposal', '{"basis":1}'],
    ['is no JSON', 'nonsense'],
    ['is for another commit', undefined],
    ['is refused by the orchestrator', undefined],
  ])('asks the model when the recorded answer %s', async (what, payload) => {
    const history = await History.of(task);
    const basis = what === 'is for another commit' ? 2 : 1;
    const input = plan(basis, [['lookup', 'allow']]).fact as FactOf<'plan'>;
    const refusal = new HoldfastError({ code: 'request.invalid', message: 'It is malformed.', retryable: false, remedy: 'Follow the contract.' });
    const replies: Reply[] = [...(what === 'is refused by the orchestrator' ? [refusal] : []), { status: 'committed', number: 2 }];
    const { handle, facts, server } = await planner(history, [pay], replies, history.log, new Map([[subjects.answer(key, 1), payload ?? JSON.stringify(input.proposal)]]));

    expect(await handle((await history.commits())[0], 2)).toBe('done');
    expect(facts.at(-1)).toMatchObject({ proposal: { basis: 1, requests: [{ tool: 'pay' }] } });
    expect(server.received).toHaveLength(1);
  });

  it('is given back when the orchestrator finds the fact itself at fault, and is not sent for ever', async () => {
    const history = await History.of(task);
    const refusal = new HoldfastError({ code: 'request.invalid', message: 'It is malformed.', retryable: false, remedy: 'Follow the contract.' });
    const { handle, facts } = await planner(history, [pay], [refusal]);

    expect(await handle((await history.commits())[0])).toEqual({ againAfterMs: expect.any(Number) });
    expect(facts).toHaveLength(1);
  });

  it.each([
    ['that has its decision already', [plan(1, [['pay', 'allow']])], 0],
    ['of an earlier step', [plan(1, [['pay', 'allow']]), tool('c1-1', succeeded(1))], 0],
    ['of a run that has ended', [plan(1, [], 'done')], 0],
  ] as const)('%s is dropped without asking the model when it comes again', async (_, inputs, at) => {
    const history = await History.of(task, ...inputs);
    const { handle, facts, server } = await planner(history, [pay], []);

    expect(await handle((await history.commits())[at], 2)).toBe('done');
    expect([facts, server.received]).toEqual([[], []]);
  });

  it('that is decided, with calls that nobody sent, is kept until the orchestrator has been nudged to send them', async () => {
    const history = await History.of(task);
    await history.add(plan(1, [['pay', 'allow'], ['lookup', 'allow']], ''), 1);
    const { handle, facts, server } = await planner(history, [], [{ status: 'unavailable', reason: 'policy is down' }, { status: 'duplicate' }]);
    const [decided] = await history.commits();

    expect(await handle(decided, 2)).toEqual({ againAfterMs: expect.any(Number) });
    expect(await handle(decided, 3)).toBe('done');
    expect(facts).toEqual([{ kind: 'nudge' }, { kind: 'nudge' }]);
    expect(server.received).toHaveLength(0);
  });

  it('that is decided and whose calls are all sent is acknowledged without a word', async () => {
    const history = await History.of(task, plan(1, [['pay', 'allow'], ['lookup', 'allow']], ''));
    const { handle, facts } = await planner(history, [], []);
    expect(await handle((await history.commits())[0], 2)).toBe('done');
    expect(facts).toEqual([]);
  });

  it('of a step whose later commits are known here is dropped without a read', async () => {
    const history = await History.of(task);
    const { handle, server } = await planner(history, [pay], [() => ({ status: 'committed', number: 2, commits })]);
    const [first] = await history.commits();
    await history.add(plan(1, [['pay', 'allow']]));
    const commits = [...(await history.commits()).slice(1)];

    expect(await handle(first)).toBe('done');
    expect(await handle(first)).toBe('done');
    expect(server.received).toHaveLength(1);
  });

  it.each([1, 2])('that the log, as it was read, does not have yet is planned all the same (delivery %d)', async (deliveries) => {
    const whole = await History.of(task, plan(1, [['pay', 'deny']]));
    const behind = await History.of(task);
    const { handle, facts } = await planner(whole, [pay], [{ status: 'committed', number: 3 }], behind.log);

    expect(await handle((await whole.commits())[1], deliveries)).toBe('done');
    expect(facts).toMatchObject([{ proposal: { basis: 2 } }]);
  });

  it('whose earlier commits the log, as it was read, does not have yet is given back and never dropped', async () => {
    const whole = await History.of(task, plan(1, [['pay', 'deny']]));
    const { handle, server } = await planner(whole, [pay], [], new History().log);

    expect(await handle((await whole.commits())[1])).toEqual({ againAfterMs: expect.any(Number) });
    expect(server.received).toEqual([]);
  });

  it('of a run that this planner stays with costs no read of the log: messages and answers bring every commit', async () => {
    const history = await History.of(task);
    const later: RecordedCommit[] = [];
    const reads: unknown[] = [];
    const { handle, facts } = await planner(history, [pay, pay], [() => ({ status: 'committed', number: 2, commits: later }), { status: 'committed', number: 4 }], {
      decode: (message) => history.log.decode(message),
      readAfter: async (...read) => { reads.push(read); return history.log.readAfter(...read); },
    });
    const [first] = await history.commits();
    await history.add(plan(1, [['pay', 'allow']]));
    later.push(...(await history.commits()).slice(1));
    await history.add(tool('c1-1', succeeded(1)));

    expect(await handle(first)).toBe('done');
    expect(await handle((await history.commits())[2])).toBe('done');
    expect(facts).toMatchObject([{ proposal: { basis: 1 } }, { proposal: { basis: 3 } }]);
    expect(reads).toEqual([]);
  });

  it('is given back at once when the planner stops while the model thinks', async () => {
    const history = await History.of(task);
    const { handle, stopping, facts, lines } = await planner(history, [{ body: 'hang' }], []);
    const handled = handle((await history.commits())[0]);
    stopping.abort();

    expect(await handled).toEqual({ againAfterMs: 0 });
    expect([facts, lines]).toEqual([[], []]);
  });

  it('is given back when the planner stops while the orchestrator is away', async () => {
    const history = await History.of(task);
    const { handle, stopping, facts } = await planner(history, [pay], [() => {
      stopping.abort();
      return { status: 'unavailable', reason: 'away' };
    }]);

    expect(await handle((await history.commits())[0])).toEqual({ againAfterMs: 0 });
    expect(facts).toHaveLength(1);
  });

  it('that is taken over is told as an attempt of its own', async () => {
    const history = await History.of(task);
    const { handle, told } = await planner(history, [chatCompletions.text('All is paid.')], [{ status: 'committed', number: 2 }]);
    expect(await handle((await history.commits())[0], 2)).toBe('done');

    expect(told).toEqual([
      { kind: 'started', basis: 1, attempt: 2, n: 0, model: 'tried' }, { kind: 'delta', basis: 1, attempt: 2, n: 1, offset: 0, text: 'All is paid.' }, { kind: 'ended', basis: 1, attempt: 2, n: 2, outcome: 'answered' },
    ]);
  });

  it('of an agent that is no longer deployed waits for it, and names it', async () => {
    const history = await History.of({ ...task, agent: { ...agent, name: 'retired' } } as typeof task);
    const { handle, lines } = await planner(history, [pay], []);

    expect(await handle((await history.commits())[0])).toEqual({ againAfterMs: 400 });
    expect(lines.join()).toContain('retired');
  });
});
