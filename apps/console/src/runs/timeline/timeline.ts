import { member, type Attempt, type Outcome, type Proposal, type RunEvent, type Verdict } from './run-events.js';
import { closePart, openPart, placeWork, type Span, type SpanKind, type SpanState } from './spans.js';
import { noteOf } from './notes.js';

/** Of the ids that the core gives to calls: the n-th request of the decision that answers commit `basis`. */
const callIdOf = (basis: number, index: number): string => `c${basis}-${index}`;

/**
 * The rows of a run's timeline, made of its events as they come. Each event is taken once, whatever is told twice after a connection was
 * lost. Rows are in the order in which they began.
 */
export class Timeline {
  readonly spans: Span[] = [];
  readonly events = new Map<string, RunEvent>();
  private readonly calls = new Map<string, Span>();
  private planning: Span | undefined;

  /** The latest event; undefined before the first. */
  last: RunEvent | undefined;

  get start(): number {
    return this.spans[0]?.start ?? 0;
  }

  get isEnded(): boolean {
    return this.last?.event.type === 'run-ended' || this.last?.event.type === 'content-erased';
  }

  /** The row of an event, a call, or the row itself by its id. */
  find(id: string): Span | undefined {
    return this.calls.get(id) ?? this.spans.find((span) => span.id === id);
  }

  add(event: RunEvent): void {
    if (this.events.has(event.id)) return;
    this.events.set(event.id, event);
    this.last = event;
    this.apply(event);
    if (event.route === 'plan') this.plan(event);
    else this.drop(event);
  }

  private apply(event: RunEvent): void {
    switch (event.event.type) {
      case 'decision-made': return this.decided(event);
      case 'model-failed': return this.modelFailed(event);
      case 'policy-checked': return this.checked(event);
      case 'approval-requested': return this.inCall(event, (call) => { openPart(call, 'person', event.at); call.note = 'waits for a person'; });
      case 'approval-answered': return this.inCall(event, (call) => { openPart(call, 'idle', event.at); call.note = `${member<string>(event, 'answer')} by ${member<string>(event, 'by')}`; });
      case 'approval-counted': return this.inCall(event, (call) => { call.note = `1 of 2: ${member<string>(event, 'by')}`; });
      case 'approval-escalated': return this.inCall(event, (call) => { call.note = 'escalated'; });
      case 'compensation-asked': return this.undoing(event);
      case 'tool-called': return this.inCall(event, (call) => { openPart(call, 'work', event.at); call.note = `sent to ${member<string>(event, 'adapter')}`; });
      case 'wait-begun': return this.inCall(event, (call) => { openPart(call, 'waiting', event.at); call.note = 'waits'; });
      case 'call-parked': return this.inCall(event, (call) => { openPart(call, 'parked', event.at); call.note = 'parked: its tool is quarantined'; });
      case 'call-released': return this.inCall(event, (call) => { openPart(call, 'idle', event.at); call.note = 'released'; });
      case 'doubt-resolved': return this.inCall(event, (call) => { openPart(call, 'work', event.at); call.note = `${member<string>(event, 'resolution')}, says ${member<string>(event, 'by')}`; });
      case 'call-refused': return this.inCall(event, (call) => this.close(call, event, 'stopped', 'refused'));
      case 'child-ended': return this.inCall(event, (call) => this.close(call, event, member<string>(event, 'status') === 'completed' ? 'done' : 'failed', member<string>(event, 'status')));
      case 'tool-returned': return this.inCall(event, (call) => this.returned(call, event));
      case 'observation-recorded': return this.inCall(event, (call) => { if (call.end === undefined && call.parts.at(-1)?.kind === 'waiting') this.close(call, event, 'done', call.note === 'waits' ? 'came' : call.note); });
      default: {
        const note = noteOf(event);
        if (note !== undefined) this.push(event, `${event.event.type} ${event.id}`, 'note', note.title, note.detail, note.state).end = event.at;
        if (event.event.type === 'run-ended') this.endAll(event);
      }
    }
  }

  private decided(event: RunEvent): void {
    const { basis, text, answer, requests, model } = member<Proposal>(event, 'proposal');
    const span = this.planning ?? this.push(event, `model ${basis}`, 'model', model.name, '', 'done');
    this.planning = undefined;
    span.title = model.name;
    span.note = answer !== undefined ? 'answers' : requests.length > 0 ? '' : text.slice(0, 80);
    const tries = model.attempts ?? [];
    const whole = model.durationMs + tries.reduce((sum, { durationMs }) => sum + durationMs, 0);
    let at = event.at - whole;
    const failed = tries.filter(({ outcome }) => outcome !== 'answered').map(({ durationMs }) => ({ at: (at += durationMs) - durationMs, durationMs, isFailed: true }));
    placeWork(span, event.at, false, [...failed, { at: event.at - model.durationMs, durationMs: model.durationMs, isFailed: false }]);
    span.events.push(event.id);
    this.close(span, event, 'done', span.note);
    requests.forEach(({ tool }, index) => this.begin(event, callIdOf(basis, index + 1), tool));
  }

  private modelFailed(event: RunEvent): void {
    const { planning: span } = this;
    if (span === undefined) return;
    span.events.push(event.id);
    span.note = member<string>(event, 'message');
    span.state = 'failed';
  }

  private checked(event: RunEvent): void {
    const { callId, outcome, risk } = member<Verdict>(event, 'verdict');
    const call = this.calls.get(callId) ?? this.begin(event, callId, member<string>(event, 'tool'));
    call.events.push(event.id);
    call.lastCommit = event.commit;
    call.note = outcome === 'allow' ? `allowed, risk ${risk.score}` : outcome === 'ask' ? `asks a person, risk ${risk.score}` : 'denied';
  }

  private undoing(event: RunEvent): void {
    this.begin(event, member<string>(event, 'callId'), member<string>(event, 'tool')).note = `undoes ${member<string>(event, 'compensates')}`;
  }

  private returned(call: Span, event: RunEvent): void {
    const { status, attempts, replayed, failure } = member<Outcome>(event, 'outcome');
    placeWork(call, event.at, status !== 'succeeded', attempts.map((attempt: Attempt) => ({ ...attempt, isFailed: attempt.outcome !== 'succeeded' })));
    if (status === 'in-doubt') {
      call.note = 'in doubt';
      return openPart(call, 'doubt', event.at);
    }
    const tries = attempts.length > 1 ? `, ${attempts.length} tries` : '';
    this.close(call, event, status === 'succeeded' ? 'done' : 'failed', replayed === true ? 'done before, not again' : status === 'succeeded' ? `succeeded${tries}` : `${failure?.message ?? 'failed'}${tries}`);
  }

  private begin(event: RunEvent, callId: string, tool: string): Span {
    const span = this.push(event, callId, 'call', tool, '', 'open');
    openPart(span, 'idle', event.at);
    this.calls.set(callId, span);
    return span;
  }

  private inCall(event: RunEvent, change: (call: Span) => void): void {
    const call = this.calls.get(member<string>(event, 'callId'));
    if (call === undefined) return;
    call.events.push(event.id);
    call.lastCommit = event.commit;
    change(call);
  }

  /** From a commit on this route on, a planner is asked; several events of one commit ask once, and a later commit asks anew. */
  private plan(event: RunEvent): void {
    if (this.planning?.commit === event.commit) return;
    this.drop(event);
    this.planning = this.push(event, `model ${event.commit}`, 'model', 'Model', 'is asked', 'open');
    this.planning.events.pop();
    openPart(this.planning, 'idle', event.at);
  }

  /** What was asked before something else came up is not answered any more. */
  private drop(event: RunEvent): void {
    const { planning: span } = this;
    if (span === undefined || event.commit <= span.commit) return;
    if (event.route !== 'plan' && event.event.type !== 'run-ended') return;
    this.planning = undefined;
    this.spans.splice(this.spans.indexOf(span), 1);
  }

  private endAll(event: RunEvent): void {
    for (const span of this.spans) if (span.end === undefined && span.kind !== 'note') this.close(span, event, 'stopped', span.note);
  }

  private close(span: Span, { at, commit }: RunEvent, state: SpanState, note: string): void {
    closePart(span, at);
    span.end = at;
    span.lastCommit = commit;
    span.state = state;
    span.note = note;
  }

  private push({ at, commit, id: eventId }: RunEvent, id: string, kind: SpanKind, title: string, note: string, state: SpanState): Span {
    const span: Span = { id, kind, start: at, end: undefined, commit, lastCommit: commit, title, note, state, parts: [], events: [eventId] };
    this.spans.push(span);
    return span;
  }
}
