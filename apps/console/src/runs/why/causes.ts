import type { paths } from '../../../generated/api.js';

export type Why = paths['/v1/runs/{runId}/why']['get']['responses'][200]['content']['application/json'];
type Action = Why['actions'][number];
type Decision = NonNullable<Action['decision']>;
interface Place { readonly commit: number; readonly at: number; readonly trusted: boolean }

export type CauseKind = 'task' | 'observation' | 'decision' | 'call' | 'policy' | 'person' | 'sent' | 'outcome' | 'refused';

/** One thing in a causal chain, with where the log says so. */
export interface Cause {
  readonly id: string;
  readonly kind: CauseKind;
  readonly title: string;
  readonly detail: string;
  /** Undefined where it follows from others and no commit of its own says it. */
  readonly place: Place | undefined;
}

export interface Link {
  readonly from: string;
  readonly to: string;
  readonly because: string;
}

/** The chain as things and what leads from one to another: causes first, and each after what it follows from. */
export interface Chain {
  readonly causes: readonly Cause[];
  readonly links: readonly Link[];
}

/** What an explanation says, as a graph to draw and a list to read. */
export function chainOf(why: Why): Chain {
  const chain = new Building();
  const { task, subject } = why;
  const asked = chain.add('task', `Task from ${task.requester}`, task.goal, task);
  if (why.decision !== undefined) decision(chain, asked, why.decision);
  for (const one of why.actions) action(chain, asked, one);
  if (why.actions.length === 0 && why.decision === undefined) chain.after(asked, 'call', subject.events.map(({ type }) => type).join(', '), `because of ${subject.cause.kind} ${subject.cause.id}`, subject, '');
  return chain;
}

function action(chain: Building, asked: string, { tool, callId, arguments: given, decision: made, policy, approvals, refused, call, outcomes }: Action): void {
  let last = chain.after(made === undefined ? asked : decision(chain, asked, made), 'call', `${tool}`, `${callId} with ${JSON.stringify(given)}`, undefined, made === undefined ? '' : 'proposed');
  const judged = [
    ...policy.map((verdict) => ({ kind: 'policy' as const, title: `Policy: ${verdict.outcome}, risk ${verdict.risk.score}`, detail: `${verdict.reasons.join('; ')}${origins(verdict.origins)}`, place: verdict, because: 'judged' })),
    ...approvals.map(({ answered, ...question }) => ({ kind: 'person' as const, title: answered === undefined ? 'Nobody has answered' : `${answered.answer} by ${answered.by}`, detail: answered === undefined || answered.comment === '' ? question.reasons.join('; ') : answered.comment, place: answered ?? question, because: 'a person is asked' })),
  ].sort((one, other) => one.place.commit - other.place.commit);
  for (const { kind, title, detail, place, because } of judged) last = chain.after(last, kind, title, detail, place, because);
  if (refused !== undefined) chain.after(last, 'refused', 'Refused', refused.reasons.join('; '), refused, '');
  if (call === undefined) return;
  const sent = chain.after(last, 'sent', `Sent to ${call.adapter}`, `${call.effect}, permit ${call.permitDigest.slice(0, 12)}`, call, '');
  for (const outcome of outcomes) chain.after(sent, 'outcome', outcome.replayed ? `${outcome.status}, done before` : outcome.status, outcome.failure?.message ?? (outcome.result === undefined ? '' : JSON.stringify(outcome.result)), outcome, outcome.attempts.length < 2 ? '' : `${outcome.attempts.length} tries`);
}

/** A decision of which several calls came stands once. */
function decision(chain: Building, asked: string, { model, text, answer, shown, ...place }: Decision): string {
  return chain.once(`decision ${place.commit}`, () => {
    const seen = shown.observations.map(({ tool, callId, trust, source, ...where }) => chain.add('observation', `${tool}, ${trust}`, `${callId}, from ${source}`, where));
    const made = chain.after(asked, 'decision', `${model.provider}/${model.name}`, answer ?? text, place, 'was put to');
    for (const one of seen) chain.link(one, made, 'knew');
    return made;
  });
}

function origins(of: readonly { readonly argument: string; readonly source: string; readonly trust: string }[]): string {
  return of.length === 0 ? '' : `. ${of.map(({ argument, source, trust }) => `${argument} from ${source} (${trust})`).join('; ')}`;
}

class Building implements Chain {
  readonly causes: Cause[] = [];
  readonly links: Link[] = [];
  private readonly known = new Map<string, string>();

  add(kind: CauseKind, title: string, detail: string, place: Place | undefined): string {
    const id = `n${this.causes.length + 1}`;
    this.causes.push({ id, kind, title, detail, place: place === undefined ? undefined : { commit: place.commit, at: place.at, trusted: place.trusted } });
    return id;
  }

  after(from: string, kind: CauseKind, title: string, detail: string, place: Place | undefined, because: string): string {
    const id = this.add(kind, title, detail, place);
    this.link(from, id, because);
    return id;
  }

  link(from: string, to: string, because: string): void {
    this.links.push({ from, to, because });
  }

  once(name: string, make: () => string): string {
    const id = this.known.get(name) ?? make();
    this.known.set(name, id);
    return id;
  }
}
