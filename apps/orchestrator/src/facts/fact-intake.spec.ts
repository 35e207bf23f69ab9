import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import type { Bus, PublishAnswer, RequestContext, WorkMessage, WorkResult, WorkerOptions } from '@holdfast/bus';
import { HoldfastError, deadLetter, plannerRequest, subjects, adapterReport, type Fact, type RunKey } from '@holdfast/contracts';
import { createLogger } from '@holdfast/observability';
import type { Processed, RunProcessor } from '../runs/run-processor.js';
import { approval, control, key, plan, signal, task, tool } from '../runs/processor.fixture.js';
import { openFactIntake } from './fact-intake.js';

type Serve = { readonly subject: string; readonly question: z.ZodType; readonly handler: (value: Fact, context: RequestContext) => Promise<unknown> };

/** The intake on a fake bus, with a processor that answers the same for every fact. */
function intake(processed: Processed | Error = { status: 'committed', number: 1, commits: [] }, now = 42, isAboutSomebody?: (run: RunKey) => Promise<boolean>) {
  const seen: { readonly key: RunKey; readonly fact: Fact }[] = [];
  const letters: { readonly subject: string; readonly letter: z.infer<typeof deadLetter> }[] = [];
  const workers: Omit<WorkerOptions, 'role'>[] = [];
  const served: Serve[] = [];
  const ended: string[] = [];
  const recovered: RunKey[] = [];
  const broker: { answer: PublishAnswer; deaf: boolean } = { answer: { status: 'stored', sequence: 1, duplicate: false }, deaf: false };
  const bus = {
    work: (options: Omit<WorkerOptions, 'role'>) => {
      workers.push(options);
      return { stop: async () => void ended.push(options.consumer.name) };
    },
    serve: (subject: string, question: z.ZodType, handler: Serve['handler']) => {
      served.push({ subject, question, handler });
      return async () => void ended.push(subject);
    },
    publish: async (subject: string, payload: string, options?: { readonly expected?: { readonly sequence: number } }): Promise<PublishAnswer> => {
      // As the broker does: the letter's subject must be empty.
      if (options?.expected?.sequence === 0 && letters.some((letter) => letter.subject === subject)) return { status: 'conflict', lastSequence: 1 };
      if (broker.answer.status !== 'stored') return broker.answer;
      letters.push({ subject, letter: deadLetter.parse(JSON.parse(payload)) });
      // The letter is stored, and the answer is lost.
      return broker.deaf ? { status: 'unknown', reason: 'no answer' } : broker.answer;
    },
  } as unknown as Bus;
  const processor = {
    process: async (run: RunKey, fact: Fact) => {
      seen.push({ key: run, fact });
      if (processed instanceof Error) throw processed;
      return processed;
    },
    recover: async (run: RunKey) => void recovered.push(run),
  } as unknown as RunProcessor;
  const close = openFactIntake({ bus, partitions: 2, concurrency: 8, processor, logger: createLogger({ service: 'orchestrator', level: 'silent' }), clock: () => now, ...(isAboutSomebody === undefined ? {} : { isAboutSomebody }) }, 0);
  const take = (name: string) => async (subject: string, body: unknown, sequence = 5, deliveries = 1): Promise<WorkResult> => {
    const worker = workers.find((options) => options.consumer.name === name);
    if (worker === undefined) throw new Error(`nobody works on ${name}`);
    const message: WorkMessage = { subject, sequence, deliveries, header: () => undefined, data: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)) };
    return worker.handle(message, new AbortController().signal);
  };
  return { seen, letters, served, ended, recovered, close, workers, broker, takeInbox: take('people-0'), takeTimer: take('timers-0') };
}

const inbox = (source: 'task' | 'signal' | 'approval' | 'control'): string => subjects.inbox(0, key, source);

describe('the intake of a partition', () => {
  it('takes tasks, what people say and timers from consumers of their own, and requests of this partition only', () => {
    const { workers, served } = intake();
    expect(workers.map(({ consumer }) => [consumer.stream, consumer.name])).toEqual([['INBOX', 'tasks-0'], ['INBOX', 'people-0'], ['TIMERS-0', 'timers-0']]);
    expect(served.map(({ subject }) => subject)).toEqual(['fact.0.*.*.plan', 'fact.0.*.*.tool']);
  });

  it('ends all of it when the partition is another\'s', async () => {
    const { close, ended } = intake();
    await close(1_000);
    expect(ended.sort()).toEqual(['fact.0.*.*.plan', 'fact.0.*.*.tool', 'people-0', 'tasks-0', 'timers-0']);
  });
});

describe('a fact in the inbox', () => {
  it.each([['task', task], ['signal', signal('s')], ['approval', approval('a-c1-1')], ['control', control('pause')]] as const)('of kind %s is handed on and acknowledged', async (source, fact) => {
    const { takeInbox, seen, letters } = intake();
    expect(await takeInbox(inbox(source), fact)).toBe('done');
    expect(seen).toEqual([{ key, fact }]);
    expect(letters).toEqual([]);
  });

  it.each<Processed>([{ status: 'duplicate' }, { status: 'stale', reason: 'late' }])('that is $status is acknowledged and no dead letter', async (processed) => {
    const { takeInbox, letters } = intake(processed);
    expect(await takeInbox(inbox('task'), task)).toBe('done');
    expect(letters).toEqual([]);
  });

  it('that cannot be processed now is given back', async () => {
    const { takeInbox, letters } = intake({ status: 'unavailable', reason: 'the broker did not answer' });
    expect(await takeInbox(inbox('task'), task)).toEqual({ againAfterMs: expect.any(Number) });
    expect(letters).toEqual([]);
  });

  it('on which the processor fails is given back', async () => {
    const { takeInbox, letters } = intake(new Error('a defect'));
    expect(await takeInbox(inbox('task'), task)).toEqual({ againAfterMs: expect.any(Number) });
    expect(letters).toEqual([]);
  });

  it('that fails again and again for a reason that nobody foresaw is a dead letter after eight tries, and other facts are not counted with it', async () => {
    const { takeInbox, letters } = intake(new Error('a defect'));
    for (let tries = 1; tries < 8; tries += 1) {
      expect(await takeInbox(inbox('task'), task, 5, tries)).toEqual({ againAfterMs: expect.any(Number) });
      await takeInbox(inbox('task'), task, 100 + tries);
    }
    expect(letters).toEqual([]);
    expect(await takeInbox(inbox('task'), task, 5, 8)).toBe('done');
    expect(letters).toMatchObject([{ letter: { code: 'fact.unprocessable', reason: 'a defect', runId: 'run-1', payload: JSON.stringify(task) } }]);
  });

  it('that is about a data subject, or for a run that is, leaves a letter without what it says', async () => {
    const { takeInbox, letters } = intake({ status: 'refused', code: 'task.id-taken', reason: 'taken' }, 42, async ({ runId }) => runId === 'about-somebody');
    await takeInbox(inbox('task'), { ...task, event: { ...task.event, datasubject: 'customer-7' } });
    await takeInbox(subjects.inbox(0, { tenant: 'acme', runId: 'about-somebody' }, 'signal'), { kind: 'signal', id: 's', name: 'told', payload: 'Mustermann', by: 'ada' });
    expect(letters.map(({ letter: { payload } }) => payload)).toEqual(['[not kept: it is about a data subject]', '[not kept: it is about a data subject]']);
  });

  it('that many processes have failed on is a dead letter, whatever this one remembers', async () => {
    const { takeInbox, letters } = intake(new Error('a defect'));
    expect(await takeInbox(inbox('task'), task, 5, 256)).toBe('done');
    expect(letters).toHaveLength(1);
  });

  it('of a run whose history is at fault is a dead letter, and the run is quarantined by name, once', async () => {
    const { takeInbox, takeTimer, letters } = intake(new HoldfastError({ code: 'log.corrupt', message: 'Commit 3 is not where its successors point.', retryable: false, remedy: 'Compare the log with a backup.' }));
    expect(await takeInbox(inbox('signal'), signal('s'))).toBe('done');
    expect(await takeInbox(inbox('approval'), approval('a-c1-1'), 6)).toBe('done');
    expect(await takeTimer(subjects.timerDue(0, key, 'deadline'), { timerId: 'deadline', dueAt: 7 })).toBe('done');
    expect(letters.filter(({ subject }) => subject === 'dead.acme.quarantine.run-1')).toMatchObject([{ letter: { code: 'log.corrupt', runId: 'run-1', reason: expect.stringContaining('acme/run-1 is quarantined') } }]);
    expect(letters).toHaveLength(4);
  });

  it.each(['log.format-unknown', 'log.event-unknown'])('of a run that a later release wrote (%s) is kept and tried after a minute, however often', async (code) => {
    const { takeInbox, letters } = intake(new HoldfastError({ code, message: 'Format 2.', retryable: false, remedy: 'Upgrade.' }));
    for (let tries = 1; tries < 300; tries += 50) expect(await takeInbox(inbox('task'), task, 5, tries)).toEqual({ againAfterMs: 60_000 });
    expect(letters).toEqual([]);
  });

  it('that waits for something that is away waits longer each time, within bounds, and is never given up', async () => {
    const { takeInbox, letters } = intake(new HoldfastError({ code: 'policy.unavailable', message: 'Away.', retryable: true, remedy: 'Wait.' }));
    const delays: number[] = [];
    for (const tries of [1, 2, 3, 10, 1_000]) {
      const result = await takeInbox(inbox('approval'), approval('a-c1-1'), 5, tries);
      delays.push(result === 'done' ? 0 : result.againAfterMs);
    }
    expect(delays).toEqual([250, 500, 1_000, 15_000, 15_000]);
    expect(letters).toEqual([]);
  });

  it('that the run refuses is kept once on the dead-letter list, with its reason and its text', async () => {
    const { takeInbox, letters } = intake({ status: 'refused', code: 'approval.unknown', reason: 'the run has no approval a-c9-9' });
    expect(await takeInbox(inbox('approval'), approval('a-c9-9'))).toBe('done');
    expect(await takeInbox(inbox('approval'), approval('a-c9-9'))).toBe('done');

    // Another message with the same words is another letter.
    expect(await takeInbox(inbox('approval'), approval('a-c9-9'), 6)).toBe('done');
    expect(letters).toHaveLength(2);
    expect(letters[0]).toMatchObject({ subject: expect.stringMatching(/^dead\.acme\.orchestrator\.5-[0-9a-f]{24}$/), letter: { at: 42, subject: inbox('approval'), code: 'approval.unknown', reason: 'the run has no approval a-c9-9', payload: JSON.stringify(approval('a-c9-9')) } });
  });

  it('is not acknowledged before its dead letter is durable', async () => {
    const { takeInbox, broker } = intake({ status: 'refused', code: 'x', reason: 'y' });
    broker.answer = { status: 'unknown', reason: 'no answer' };
    expect(await takeInbox(inbox('task'), task)).toEqual({ againAfterMs: expect.any(Number) });
    broker.answer = { status: 'conflict' };
    expect(await takeInbox(inbox('task'), task)).toEqual({ againAfterMs: expect.any(Number) });
    broker.answer = { status: 'stored', sequence: 1, duplicate: false };
    expect(await takeInbox(inbox('task'), task)).toBe('done');
  });

  it('whose letter was stored before the process died, or its answer was lost, gets no second one', async () => {
    const { takeInbox, broker, letters } = intake({ status: 'refused', code: 'x', reason: 'y' });
    broker.deaf = true;
    expect(await takeInbox(inbox('task'), task)).toEqual({ againAfterMs: expect.any(Number) });
    broker.deaf = false;
    expect(await takeInbox(inbox('task'), task, 5, 2)).toBe('done');
    expect(letters).toHaveLength(1);
  });

  it.each([
    ['no JSON', inbox('task'), '{"kind":'],
    ['no fact', inbox('task'), { kind: 'task', id: 'x' }],
    ['a field too many', inbox('task'), { ...task, admin: true }],
    ['another kind than its subject says', inbox('signal'), task],
    ['a proposal, which nobody may put into the inbox', inbox('task'), plan(1, [])],
    ['an outcome on a subject made up for it', 'inbox.0.acme.run-1.tool.more', tool('c1-1')],
    ['a tenant that is no identifier', 'inbox.0.ac$me.run-1.task', task],
    ['a run that is no identifier', `inbox.0.acme.${'r'.repeat(65)}.task`, task],
  ])('with %s reaches no run and is a dead letter', async (_, subject, body) => {
    const { takeInbox, seen, letters } = intake();
    expect(await takeInbox(subject, body)).toBe('done');
    expect(seen).toEqual([]);
    expect(letters).toMatchObject([{ letter: { code: 'fact.malformed', subject } }]);
    expect(letters[0]?.subject).toMatch(/^dead\.(acme|unknown)\.orchestrator\.5-/);
  });

  it('of any size is quoted in its dead letter up to a bound', async () => {
    const { takeInbox, letters } = intake();
    await takeInbox(inbox('task'), 'x'.repeat(200_000));
    expect(letters[0]?.letter.payload).toHaveLength(65_536);
  });
});

describe('a timer that is due', () => {
  const due = subjects.timerDue(0, key, 'deadline');

  it('becomes a fact whose id is the timer with its instant: delivered twice it is the same', async () => {
    const { takeTimer, seen } = intake();
    expect(await takeTimer(due, { timerId: 'deadline', dueAt: 7 })).toBe('done');
    expect(seen).toEqual([{ key, fact: { kind: 'timer', id: 'timer:deadline:7', timerId: 'deadline', dueAt: 7 } }]);
  });

  it('is given back while the run cannot be written', async () => {
    const { takeTimer } = intake({ status: 'unavailable', reason: 'no broker' });
    expect(await takeTimer(due, { timerId: 'deadline', dueAt: 7 })).toEqual({ againAfterMs: expect.any(Number) });
  });

  it('before the commit that sets it is kept for that commit, and given up when none can come any more', async () => {
    for (const unknown of [{ status: 'duplicate' }, { status: 'stale', reason: 'the run has not begun' }] as const) {
      expect(await intake(unknown, 1_000).takeTimer(due, { timerId: 'deadline', dueAt: 7 })).toEqual({ againAfterMs: expect.any(Number) });
      expect(await intake(unknown, 60_000).takeTimer(due, { timerId: 'deadline', dueAt: 7 })).toBe('done');
    }
  });

  it.each(['nonsense', 'null', '{}', '{"timerId":"deadline","dueAt":"soon"}'])('with the body %s reaches no run', async (body) => {
    const { takeTimer, seen } = intake();
    expect(await takeTimer(due, body)).toBe('done');
    expect(seen).toEqual([]);
  });
});

describe('a fact sent as a request', () => {
  const answer = async (processed: Processed | Error, kind: 'plan' | 'tool', fact: Fact, subject = subjects.fact(0, key, kind)): Promise<unknown> => {
    const entry = intake(processed).served.find((one) => one.subject.endsWith(`.${kind}`));
    return entry?.handler(fact, { subject, header: () => undefined });
  };

  it('is served on the subjects of proposals and outcomes, each with its own contract', () => {
    const { served } = intake();
    expect(served.map((entry) => [entry.subject, entry.question])).toEqual([['fact.0.*.*.plan', plannerRequest], ['fact.0.*.*.tool', adapterReport]]);
  });

  it('that is a nudge makes the orchestrator look at the run, and folds nothing', async () => {
    const { served, recovered, seen } = intake();
    expect(await served[0]?.handler({ kind: 'nudge' } as unknown as Fact, { subject: subjects.fact(0, key, 'plan'), header: () => undefined })).toEqual({ status: 'duplicate' });
    expect(recovered).toEqual([key]);
    expect(seen).toEqual([]);
  });

  it.each<Processed>([{ status: 'committed', number: 3, commits: [] }, { status: 'duplicate' }, { status: 'stale', reason: 'late' }, { status: 'unavailable', reason: 'no broker' }])('is answered with what became of it: $status', async (processed) => {
    expect(await answer(processed, 'plan', plan(1, []))).toEqual(processed);
  });

  it('that the run refuses tells its sender to drop its work', async () => {
    expect(await answer({ status: 'refused', code: 'x', reason: 'no such run' }, 'tool', tool('c1-1'))).toEqual({ status: 'stale', reason: 'no such run' });
  });

  it('of a run whose history is at fault is kept as a dead letter, and its sender drops it', async () => {
    const { served, letters } = intake(new HoldfastError({ code: 'log.corrupt', message: 'Broken.', retryable: false, remedy: 'Compare.' }));
    const answers = [];
    for (let times = 0; times < 2; times += 1) answers.push(await served[1]?.handler(tool('c1-1'), { subject: subjects.fact(0, key, 'tool'), header: () => undefined }));
    expect(answers).toEqual([{ status: 'stale', reason: 'Broken.' }, { status: 'stale', reason: 'Broken.' }]);
    expect(letters.map(({ letter }) => [letter.code, letter.runId, letter.payload])).toEqual([['log.corrupt', 'run-1', ''], ['log.corrupt', 'run-1', JSON.stringify(tool('c1-1'))]]);
  });

  it('that fails for a reason that nobody foresaw is taken from its sender after eight tries', async () => {
    const { served, letters } = intake(new Error('a defect'));
    const statuses: unknown[] = [];
    for (let times = 0; times < 8; times += 1) statuses.push(await served[0]?.handler(plan(1, []), { subject: subjects.fact(0, key, 'plan'), header: () => undefined }));
    expect(statuses.slice(0, 7)).toEqual(Array.from({ length: 7 }, () => ({ status: 'unavailable', reason: 'a defect' })));
    expect(statuses[7]).toEqual({ status: 'stale', reason: 'a defect' });
    expect(letters).toHaveLength(1);
  });

  it('on which the processor fails is to be sent again', async () => {
    expect(await answer(new Error('policy is away'), 'plan', plan(1, []))).toEqual({ status: 'unavailable', reason: 'policy is away' });
  });

  it.each(['fact.0.ac$me.run-1.plan', 'fact.0.acme.run-1.plan.more'])('on %s is refused', async (subject) => {
    await expect(answer({ status: 'duplicate' }, 'plan', plan(1, []), subject)).rejects.toThrow(HoldfastError);
  });
});
