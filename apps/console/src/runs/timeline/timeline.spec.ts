import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from './run-events.js';
import type { Span } from './spans.js';
import { Timeline } from './timeline.js';

type Told = Readonly<Record<string, unknown>> & { readonly type: string };

/** A run's events: each entry is a commit with its instant, its route and what happened. */
function timelineOf(...commits: readonly (readonly [at: number, route: string, ...events: readonly Told[]])[]): Timeline {
  const timeline = new Timeline();
  for (const event of eventsOf(...commits)) timeline.add(event);
  return timeline;
}

function eventsOf(...commits: readonly (readonly [at: number, route: string, ...events: readonly Told[]])[]): readonly RunEvent[] {
  return commits.flatMap(([at, route, ...events], number) => events.map((event, index) => ({ id: `${number + 1}.${index}`, commit: number + 1, at, route, cause: { kind: 'plan', id: 'f' }, hash: 'a'.repeat(64), event }) as RunEvent));
}

const accepted: Told = { type: 'task-accepted', task: { requester: 'otto' } };
const decided = (basis: number, durationMs: number, requests: readonly string[], rest: object = {}, attempts: readonly object[] = []): Told => ({ type: 'decision-made', proposal: { basis, text: '', requests: requests.map((tool) => ({ tool, arguments: {} })), model: { name: 'm', provider: 'p', durationMs, attempts }, ...rest } });
const judged = (callId: string, outcome: string): Told => ({ type: 'policy-checked', tool: 'pay', verdict: { callId, outcome, reasons: ['r'], policies: [], risk: { score: 7, factors: [] }, origins: [] } });
const sent = (callId: string): Told => ({ type: 'tool-called', callId, tool: 'pay', adapter: 'default', effect: 'keyed', arguments: {} });
const returned = (callId: string, status: string, attempts: readonly object[] = [], rest: object = {}): Told => ({ type: 'tool-returned', callId, tool: 'pay', outcome: { status, attempts, ...rest } });
const parts = ({ parts: all }: Span): readonly string[] => all.map(({ kind, start, end }) => `${kind} ${start}-${end ?? ''}`);
const shown = ({ spans }: Timeline): readonly string[] => spans.map(({ kind, title, start, end, state, note }) => `${kind} ${title} ${start}-${end ?? ''} ${state}${note === '' ? '' : `: ${note}`}`);

describe('the timeline of a run', () => {
  it('has a row for each call of a model and of a tool, and for what happened in a moment', () => {
    const timeline = timelineOf(
      [0, 'plan', accepted],
      [100, 'call.default', decided(1, 60, ['pay']), judged('c1-1', 'allow'), sent('c1-1')],
      [150, 'plan', returned('c1-1', 'succeeded', [{ at: 110, durationMs: 30, outcome: 'succeeded' }])],
      [220, 'end', decided(3, 70, [], { answer: 'Paid.' }), { type: 'run-ended', status: 'completed', reason: 'done' }],
    );

    expect(shown(timeline)).toEqual(['note Task accepted 0-0 done: otto', 'model m 0-100 done', 'call pay 100-150 done: succeeded', 'model m 150-220 done: answers', 'note Completed 220-220 done: done']);
    expect([timeline.isEnded, timeline.last?.commit]).toEqual([true, 4]);
  });

  it('tells work from the time in which nobody worked, as when a process died and another took over', () => {
    const timeline = timelineOf(
      [0, 'plan', accepted],
      [5_000, 'call.default', decided(1, 200, ['pay'], {}, [{ model: 'a', outcome: 'model.timeout', durationMs: 800 }, { model: 'm', outcome: 'answered', durationMs: 200 }]), judged('c1-1', 'allow'), sent('c1-1')],
      [9_000, 'plan', returned('c1-1', 'succeeded', [{ at: 5_100, durationMs: 400, outcome: 'no connection' }, { at: 8_000, durationMs: 900, outcome: 'succeeded' }])],
    );

    expect(parts(timeline.find('model 1') as Span)).toEqual(['idle 0-3800', 'failed 3800-4600', 'idle 4600-4800', 'work 4800-5000']);
    expect(parts(timeline.find('c1-1') as Span)).toEqual(['idle 5000-5100', 'failed 5100-5500', 'idle 5500-8000', 'work 8000-8900', 'idle 8900-9000']);
    expect(timeline.find('c1-1')?.note).toBe('succeeded, 2 tries');
  });

  it('keeps work within what the log saw, whatever clocks say', () => {
    const timeline = timelineOf([1_000, 'plan', accepted], [2_000, 'call.default', decided(1, 9_999, ['pay']), judged('c1-1', 'allow'), sent('c1-1')], [3_000, 'plan', returned('c1-1', 'failed', [{ at: 500, durationMs: 99_999, outcome: 'refused' }], { failure: { message: 'Refused.' } })]);

    expect(parts(timeline.find('model 1') as Span)).toEqual(['work 1000-2000']);
    expect(parts(timeline.find('c1-1') as Span)).toEqual(['failed 2000-3000']);
    expect(timeline.find('c1-1')).toMatchObject({ state: 'failed', note: 'Refused.' });
  });

  it('shows what a call waits for: a person, a quarantine, a word about a doubt', () => {
    const timeline = timelineOf(
      [0, 'plan', accepted],
      [100, 'wait', decided(1, 100, ['pay']), judged('c1-1', 'ask'), { type: 'approval-requested', approvalId: 'a', callId: 'c1-1' }],
      [900, 'call.default', { type: 'approval-answered', approvalId: 'a', callId: 'c1-1', answer: 'approved', by: 'ada' }, judged('c1-1', 'allow'), sent('c1-1')],
      [1_000, 'wait', { type: 'call-parked', callId: 'c1-1', tool: 'pay' }],
      [1_500, 'call.default', { type: 'call-released', callId: 'c1-1', tool: 'pay' }, sent('c1-1')],
      [1_600, 'wait', returned('c1-1', 'in-doubt')],
    );

    expect(parts(timeline.find('c1-1') as Span)).toEqual(['person 100-900', 'work 900-1000', 'parked 1000-1500', 'failed 1500-1600', 'doubt 1600-']);
    expect(timeline.find('c1-1')).toMatchObject({ state: 'open', end: undefined, note: 'in doubt', commit: 2, lastCommit: 6 });
  });

  it('takes each event once, and drops what was asked of a model before something else came up', () => {
    const events = eventsOf([0, 'plan', accepted], [50, 'plan', { type: 'signal-received', name: 'hurry', by: 'otto' }], [90, 'end', decided(2, 40, [], { answer: 'Yes.' }), { type: 'run-ended', status: 'completed', reason: '' }]);
    const timeline = new Timeline();
    for (const event of [...events, ...events]) timeline.add(event);

    expect(shown(timeline)).toEqual(['note Task accepted 0-0 done: otto', 'note Signal hurry 50-50 done: from otto', 'model m 50-90 done: answers', 'note Completed 90-90 done']);
  });

  it('leaves nothing open when a run has ended', () => {
    const timeline = timelineOf([0, 'plan', accepted], [10, 'wait', decided(1, 10, ['pay']), judged('c1-1', 'ask'), { type: 'approval-requested', approvalId: 'a', callId: 'c1-1' }], [40, 'end', { type: 'run-ended', status: 'cancelled', reason: 'Not needed.' }]);

    expect(shown(timeline).slice(1)).toEqual(['model m 0-10 done', 'call pay 10-40 stopped: waits for a person', 'note Cancelled 40-40 stopped: Not needed.']);
  });
});
