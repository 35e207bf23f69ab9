import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAtLeast, mostSecret, secrecy, trust, type Reading } from '@holdfast/contracts';
import { Specification, agent, child, fork, originOf, plan, signal, succeeded, task, timer, tool, verdictOf, dispatch } from './specification.fixture.js';

const { given, empty } = { given: Specification.given, empty: Specification.empty };

const ask = (tool: string, given: Record<string, unknown>) => plan(1, [[tool, 'allow', given]]);
const start = { type: 'check', goal: 'Check invoice 7.', input: { invoice: 7 } };

describe('a question to a person', () => {
  const asks = (args: Record<string, unknown>) => given(task(), ask('holdfast_ask_person', args));
  const question = { question: 'Which account?', choices: ['DE1', 'DE2'] };

  it('waits for the answer by a signal that no other call waits for, and shows what is asked', () => {
    asks(question).thenStands('waiting').thenWaitsFor('signal:answer-c1-1').thenEvent({ type: 'wait-begun', wait: { for: 'signal', name: 'answer-c1-1', question: { text: 'Which account?', choices: ['DE1', 'DE2'] } } });
  });

  it('is answered by whoever speaks first, with the label of who speaks, and goes on', () => {
    const answered = asks(question).when(signal('answer-c1-1'));
    answered.thenCommits(['plan', 'signal-received', 'tool-returned', 'observation-recorded']);
    answered.thenEvent({ type: 'observation-recorded', content: { received: true, signal: 'answer-c1-1', by: expect.any(String) as never } });
  });

  it('may have a time-out, after which nobody has answered', () => {
    const late = asks({ ...question, timeoutSeconds: 30 }).thenEvent({ type: 'timer-set', timerId: 'w-c1-1', dueAt: 32_000, purpose: 'wait' });
    late.when(timer('w-c1-1')).thenEvent({ type: 'observation-recorded', content: { received: false, signal: 'answer-c1-1' } });
  });

  it.each([[{}], [{ question: '' }], [{ question: 7 }], [{ question: 'x'.repeat(2_001) }], [{ question: 'x', choices: ['one'] }], [{ question: 'x', choices: 'y' }], [{ question: 'x', timeoutSeconds: 0 }]])('that nobody can read is refused: %j', (args) => {
    asks(args).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']);
  });
});

describe('a wait for a time', () => {
  const waiting = given(task(), ask('holdfast_wait', { seconds: 30 }));

  it('is a durable timer: the commit that begins it is one that nobody has to act upon', () => {
    waiting.thenCommits(['wait', 'decision-made', 'policy-checked', 'wait-begun', 'timer-set']).thenEvent({ type: 'timer-set', timerId: 'w-c1-1', dueAt: 32_000, purpose: 'wait' });
    waiting.thenStands('waiting').thenWaitsFor('time:w-c1-1');
  });

  it('ends when the timer fires, once, and the planner goes on', () => {
    const ended = waiting.when(timer('w-c1-1')).thenCommits(['plan', 'timer-fired', 'tool-returned', 'observation-recorded']);
    ended.thenEvent({ type: 'observation-recorded', content: { waitedUntil: '1970-01-01T00:00:32.000Z' } });
    ended.when(timer('w-c1-1')).thenNothing('duplicate');
  });

  it('may name an instant instead, and one that is past is over at once', () => {
    given(task()).when(ask('holdfast_wait', { until: '1970-01-01T00:00:40Z' })).thenEvent({ type: 'timer-set', timerId: 'w-c1-1', dueAt: 40_000 });
    given(task()).when(ask('holdfast_wait', { until: '1970-01-01T00:00:00Z' })).thenEvent({ type: 'timer-set', timerId: 'w-c1-1', dueAt: 2_000 });
  });

  it.each([[{}], [{ seconds: 0 }], [{ seconds: 1.5 }], [{ seconds: '5' }], [{ until: 'tomorrow' }], [{ until: 5 }], [{ seconds: 1, until: '1970-01-01T00:00:40Z' }]])('that nobody can read is refused: %j', (given_) => {
    given(task()).when(ask('holdfast_wait', given_)).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']);
  });

  it('beyond the run\'s own deadline is refused, since it would never end', () => {
    given(task()).when(ask('holdfast_wait', { seconds: 60 })).thenEvent({ type: 'call-refused', reasons: [expect.stringContaining('1970-01-01T00:01:01.000Z') as never] });
  });

  it('goes on beside other calls of the same decision', () => {
    const both = given(task(), plan(1, [['holdfast_wait', 'allow', { seconds: 5 }], ['pay', 'allow']]));
    both.thenCommits(['call.default', 'decision-made', 'policy-checked', 'wait-begun', 'timer-set', 'policy-checked', 'tool-called']).thenWaitsFor('time:w-c1-1', 'adapter:default:c1-2');
    both.when(tool('c1-2', succeeded(1))).thenCommits(['wait', 'tool-returned', 'observation-recorded']).when(timer('w-c1-1')).thenCommits(['plan', 'timer-fired', 'tool-returned', 'observation-recorded']);
  });

  it('is asked of policy like any call', () => {
    given(task()).when(plan(1, [['holdfast_wait', 'deny', { seconds: 5 }]])).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']);
    given(task()).when(plan(1, [['holdfast_wait', 'ask', { seconds: 5 }]])).thenWaitsFor('approval:a-c1-1');
  });
});

describe('a wait for a signal', () => {
  const waiting = given(task(), ask('holdfast_wait_signal', { name: 'go' }));

  it('ends when the signal comes, whatever else comes before', () => {
    waiting.thenCommits(['wait', 'decision-made', 'policy-checked', 'wait-begun']).thenStands('waiting').thenWaitsFor('signal:go');
    const other = waiting.when(signal('stop')).thenCommits(['wait', 'signal-received']);
    other.when(signal('go', { colour: 'green' })).thenCommits(['plan', 'signal-received', 'tool-returned', 'observation-recorded']).thenEvent({ type: 'observation-recorded', content: { received: true, signal: 'go', by: 'otto' } });
  });

  it('is over at once when the signal came while the model was thinking', () => {
    const early = given(task(), signal('go'));
    early.when(ask('holdfast_wait_signal', { name: 'go' })).thenCommits(['plan', 'decision-made', 'policy-checked', 'wait-begun', 'tool-returned', 'observation-recorded']);
    early.when(ask('holdfast_wait_signal', { name: 'stop' })).thenWaitsFor('signal:stop');
  });

  it('does not count a signal that the model had been shown when it asked', () => {
    const shown = given(task(), signal('go'), ask('lookup', {}), tool('c1-1', succeeded(1)));
    shown.when(plan(4, [['holdfast_wait_signal', 'allow', { name: 'go' }]])).thenWaitsFor('signal:go');
  });

  it('is ended by its time-out, and then says so', () => {
    const limited = given(task(), ask('holdfast_wait_signal', { name: 'go', timeoutSeconds: 10 })).thenCommits(['wait', 'decision-made', 'policy-checked', 'wait-begun', 'timer-set']);
    limited.when(timer('w-c1-1')).thenEvent({ type: 'observation-recorded', content: { received: false, signal: 'go' } });
    limited.when(signal('go')).thenState({ timers: { deadline: 61_000 } }).when(timer('w-c1-1')).thenNothing('duplicate');
  });

  it.each([[{}], [{ name: '' }], [{ name: 7 }], [{ name: 'x'.repeat(129) }], [{ name: 'go', timeoutSeconds: -1 }]])('that nobody can read is refused: %j', (given_) => {
    given(task()).when(ask('holdfast_wait_signal', given_)).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']);
  });
});

describe('a run that another starts', () => {
  const waiting = given(task(), ask('holdfast_start_run', start));

  it('is started by the commit that begins to wait for it, under an id that follows from parent and call', () => {
    waiting.thenCommits(['call.holdfast', 'decision-made', 'policy-checked', 'wait-begun']).thenStands('waiting').thenWaitsFor('child:run_c1-1');
    waiting.thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ for: 'child', runId: 'run_c1-1', start: expect.objectContaining({ type: 'check', goal: 'Check invoice 7.' }) }) as never });
  });

  it('comes back with its answer, which is a model\'s words, or an outsider\'s where the other had read one', () => {
    const answered = (read: Reading | undefined): Specification => waiting.when(child('c1-1', 'completed', 'It is fine.', 10, read));
    answered({ trust: 'organisation', secrecy: 'internal' }).thenEvent({ type: 'observation-recorded', label: { trust: 'model', secrecy: 'internal', source: 'run:run_c1-1' } });
    answered({ trust: 'third-party', secrecy: 'secret' }).thenEvent({ type: 'observation-recorded', label: { trust: 'third-party', secrecy: 'secret', source: 'run:run_c1-1' } });
    // Where an earlier release ended the run, nobody knows.
    answered(undefined).thenEvent({ type: 'observation-recorded', label: { trust: 'third-party', secrecy: 'secret', source: 'run:run_c1-1' } });
  });

  it('comes back once', () => {
    const ended = waiting.when(child('c1-1', 'completed', 'It is fine.')).thenCommits(['plan', 'child-ended', 'tool-returned', 'observation-recorded']);
    ended.thenEvent({ type: 'observation-recorded', content: { run: 'run_c1-1', answer: 'It is fine.' } });
    ended.when(child('c1-1', 'completed', 'It is fine.')).thenNothing('duplicate');
  });

  it.each(['failed', 'cancelled', 'refused'] as const)('comes back as a failure that the model is told when it was %s', (status) => {
    waiting.when(child('c1-1', status)).thenCommits(['plan', 'child-ended', 'tool-returned']).thenEvent({ type: 'tool-returned', outcome: expect.objectContaining({ status: 'failed' }) as never });
  });

  it('does not end a call that waits for something else', () => {
    given(task(), ask('holdfast_wait', { seconds: 5 })).when(child('c1-1', 'completed')).thenNothing('stale');
    waiting.when(child('c1-2', 'completed')).thenNothing('stale');
    waiting.when(tool('c1-1', succeeded('forged'))).thenNothing('stale');
  });

  it('gets at most what is left of the parent\'s budgets, and of its own agent\'s', () => {
    waiting.thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ start: expect.objectContaining({ budgets: { maxSteps: 2, deadlineSeconds: 59, approvalSeconds: 30 } }) }) as never });
    const began = task();
    const started = { ...began, fact: { ...began.fact, child: { parent: { runId: 'run', callId: 'c1-1' }, labels: {}, budgets: { maxSteps: 50, deadlineSeconds: 10, approvalSeconds: 900, maxTokens: 7 } } } };
    empty.when(started).thenState({ budgets: { maxSteps: agent.budgets.maxSteps, deadlineSeconds: 10, approvalSeconds: 30, maxTokens: 7 }, parent: { runId: 'run', callId: 'c1-1' }, timers: { deadline: 11_000 } });
    given(started).when(plan(1, [])).thenEvent({ type: 'run-ended', parent: { runId: 'run', callId: 'c1-1' }, usage: { steps: 1, tokens: 2, amount: 0 } });
  });

  it('is told its task in the model\'s voice, unless policy traced the words to somebody else', () => {
    waiting.thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ start: expect.objectContaining({ labels: { goal: expect.objectContaining({ trust: 'model' }), input: expect.objectContaining({ trust: 'model' }) } }) }) as never });
    const asked = ask('holdfast_start_run', start) as Extract<ReturnType<typeof plan>, { judged: unknown }>;
    const traced = { ...asked, judged: [verdictOf('c1-1', 'allow', 'holdfast_start_run', [{ argument: 'goal', role: 'content', trust: 'third-party', source: 'tool:mail', excerpt: '' }])] };
    given(task()).when(traced).thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ start: expect.objectContaining({ labels: expect.objectContaining({ goal: { trust: 'third-party', secrecy: 'secret', source: 'tool:mail' } }) }) }) as never });
  });

  it('has its parent\'s scope, which nobody in a run can widen', () => {
    const told = task();
    const scoped = { ...told, fact: { ...told.fact, event: { ...told.fact.event, scope: 'pay, look_up,' } } };
    given(scoped as never).thenState({ task: { scope: ['pay', 'look_up'] } })
      .when(ask('holdfast_start_run', { ...start, input: { scope: 'everything' } })).thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ start: expect.objectContaining({ scope: ['pay', 'look_up'] }) }) as never });
    const child_ = { ...told, fact: { ...told.fact, event: { ...told.fact.event, scope: 'everything' }, child: { parent: { runId: 'run', callId: 'c1-1' }, labels: {}, budgets: told.agent.budgets, scope: ['pay'] } } };
    empty.when(child_ as never).thenState({ task: { scope: ['pay'] } });
    given(scoped as never).when(told).thenNothing('refused');
  });

  it('may work in no scope of memory that its parent may not, nor in one that its own agent does not have', () => {
    const told = task();
    const withMemory = (memoryScopes: string[], handed?: string[]) => ({
      ...told, agent: { ...told.agent, memoryScopes },
      fact: { ...told.fact, ...(handed === undefined ? {} : { child: { parent: { runId: 'run', callId: 'c1-1' }, labels: {}, budgets: told.agent.budgets, memoryScopes: handed } }) },
    });
    const parent = given(withMemory(['mail', 'notes'])).thenState({ memoryScopes: ['mail', 'notes'] });
    parent.when(ask('holdfast_start_run', { ...start, input: { memoryScopes: ['payroll'] } })).thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ start: expect.objectContaining({ memoryScopes: ['mail', 'notes'] }) }) as never });
    waiting.thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ start: expect.objectContaining({ memoryScopes: [] }) }) as never });

    const child_ = empty.when(withMemory(['payroll', 'notes'], ['mail', 'notes'])).thenEvent({ type: 'task-accepted', memoryScopes: ['notes'] });
    child_.when(ask('holdfast_start_run', start)).thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ start: expect.objectContaining({ memoryScopes: ['notes'] }) }) as never });
    // Who is begun anew in its place has no more than it was handed, whatever its agent has meanwhile.
    const again = { ...fork('fork', originOf(child_.state)), agent: { ...told.agent, memoryScopes: ['payroll', 'mail', 'notes'] } };
    given(again).thenState({ memoryScopes: ['mail', 'notes'] });
    given(withMemory(['notes'], [])).when(ask('holdfast_start_run', start)).thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ start: expect.objectContaining({ memoryScopes: [] }) }) as never });
  });

  it('is told each text with the join of everything that policy traced at its path, whatever the order', () => {
    const asked = ask('holdfast_start_run', start) as Extract<ReturnType<typeof plan>, { judged: unknown }>;
    const origins = fc.array(fc.record({ argument: fc.constantFrom('goal', 'input.invoice', 'input.a.b'), role: fc.constant('content' as const), trust: fc.constantFrom(...trust.options), source: fc.constantFrom('a', ''), excerpt: fc.constant(''), secrecy: fc.constantFrom(...secrecy.options) }), { maxLength: 6 });
    fc.assert(fc.property(origins, (traced) => {
      const { drafts } = given(task()).when({ ...asked, judged: [verdictOf('c1-1', 'allow', 'holdfast_start_run', traced)] });
      const begun = drafts.flatMap(({ events }) => events).find((event) => event.type === 'wait-begun');
      const labels = begun?.wait.for === 'child' ? begun.wait.start.labels : {};
      for (const { argument, trust: found, secrecy: hidden } of traced) {
        expect(isAtLeast(found, labels[argument]?.trust ?? 'user')).toBe(true);
        expect(mostSecret(hidden, labels[argument]?.secrecy ?? 'public')).toBe(labels[argument]?.secrecy);
      }
    }));
  });

  it('is refused where ids would grow too long, or where nothing is left to give', () => {
    const asked = ask('holdfast_start_run', start) as Extract<ReturnType<typeof plan>, { judged: unknown }>;
    given(task()).when({ ...asked, judged: asked.judged.map((judged) => ({ ...judged, childRunId: undefined })) } as never).thenEvent({ type: 'call-refused', reasons: [expect.stringContaining('as deep as they may') as never] });
    given(task(1_000, { maxSteps: 1 })).when(asked).thenEvent({ type: 'call-refused', reasons: [expect.stringContaining('No steps') as never] });
    given(task(1_000, { maxTokens: 2 })).when(asked).thenEvent({ type: 'call-refused', reasons: [expect.stringContaining('No tokens') as never] });
  });

  it('may be one of several, each started by a commit of its own and sent again after a crash', () => {
    const two = plan(1, [['holdfast_start_run', 'allow', start], ['holdfast_start_run', 'allow', start]]);
    given(task()).when(two).thenCommits(['call.holdfast', 'decision-made', 'policy-checked', 'policy-checked', 'wait-begun'], ['call.holdfast', 'wait-begun']).thenWaitsFor('child:run_c1-1', 'child:run_c1-2');
    given(task()).whenKilledAfterFirstCommit(two).thenWaitsFor('child:run_c1-1', 'policy:c1-2').when(dispatch(verdictOf('c1-2', 'allow', 'holdfast_start_run'))).thenCommits(['call.holdfast', 'policy-checked', 'wait-begun']);
  });

  it.each([[{}], [{ ...start, type: '' }], [{ ...start, goal: 7 }], [{ ...start, input: [] }], [{ ...start, maxSteps: 0 }]])('that nobody can read is refused: %j', (given_) => {
    given(task()).when(ask('holdfast_start_run', given_)).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']);
  });
});
