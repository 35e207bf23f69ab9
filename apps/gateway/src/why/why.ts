import { HoldfastError, NO_MEANS, UNKNOWN_READING, type Commit, type Digest, type RecordedCommit, type RunEvent, type RunEventOf, type RunEventType } from '@holdfast/contracts';
import { findBreak, type ChainBreak, type UnreadableCommit } from '@holdfast/event-log';
import { PublicView, permitDigest } from '../runs/public-event.js';
import { callIdOfEvent, callIdsOf, hasPassages, passagesIn, requestOf } from './calls-of-events.js';
import type { WhyAction, WhyDecision, WhyInRun, WhyLink } from './why.schema.js';

export interface WhyQuestion {
  readonly commit?: number | undefined;
  /** A call's id, or the key of its operation. */
  readonly effect?: string | undefined;
}

/** What is known beside the run's readable commits. */
export interface WhyMeans {
  /** Messages of the run that hold no commit that could be read. */
  readonly unreadable?: readonly UnreadableCommit[];
  /** The key of the operation that a call is; undefined where nobody can tell any more. */
  readonly operationKeyOf?: (called: RunEventOf<'tool-called'>, commit: Commit) => Digest | undefined;
  /** A view that knows the secrets of the runs from which this one came. */
  readonly view?: PublicView;
}

/** An event at its place. */
interface Placed<E extends RunEvent = RunEvent> {
  readonly event: E;
  readonly commit: Commit;
}

/** Observations of one decision that are told, beside all searches of memory; what else came long before is in the log. */
const MOST_OBSERVATIONS = 32;

/**
 * Walks the causal chain of one action through the log: who asked, what the model was shown and proposed, what policy and
 * people said, what was sent and what came of it. The run must be whole, as it is stored. Its hash chain is checked first, and links
 * from a broken place on are told but marked as not to be trusted.
 *
 * Throws `run.commit-unknown` or `run.call-unknown` when the history holds no such place, and `run.erased` when it says nothing any more.
 */
export function explain(history: readonly RecordedCommit[], question: WhyQuestion, means: WhyMeans = {}): WhyInRun {
  const walk = new Walk(history, means);
  const { commit, callIds } = walk.subjectOf(question);
  return walk.view.scrub(walk.tell(question, commit, callIds)) as WhyInRun;
}

/** The first thing that is wrong with a run as it is stored; a commit that cannot be read breaks the chain where it stands. */
function brokenPlace(history: readonly RecordedCommit[], [first]: readonly UnreadableCommit[]): ChainBreak | undefined {
  const broken = findBreak(history);
  return first !== undefined && (broken === undefined || first.after < broken.number) ? { number: first.after + 1, problem: first.problem } : broken;
}

class Walk {
  readonly view: PublicView;
  private readonly placed: readonly Placed[];
  private readonly brokenAt: ChainBreak | undefined;
  /** The commits before the broken place, by where they stand and not by the number that they give themselves. */
  private readonly sound: ReadonlySet<Commit>;

  constructor(private readonly history: readonly RecordedCommit[], private readonly means: WhyMeans) {
    this.view = means.view ?? new PublicView();
    this.brokenAt = brokenPlace(history, means.unreadable ?? []);
    this.sound = new Set(history.slice(0, this.brokenAt === undefined ? history.length : this.brokenAt.number - 1).map(({ commit }) => commit));
    for (const { commit } of history) this.view.learn(commit);
    this.placed = history.flatMap(({ commit }) => commit.events.map((event) => ({ event, commit })));
  }

  subjectOf({ commit, effect }: WhyQuestion): { readonly commit: Commit; readonly callIds: readonly string[] } {
    if (effect !== undefined) {
      const byKey = this.all('tool-called').find((called) => this.means.operationKeyOf?.(called.event, called.commit) === effect);
      const callId = byKey?.event.callId ?? effect;
      const about = this.placed.filter(({ event }) => callIdOfEvent(event) === callId);
      const main = about.find(({ event }) => event.type === 'tool-called') ?? about.find(({ event }) => event.type === 'call-refused') ?? about[0];
      if (main !== undefined) return { commit: main.commit, callIds: [callId] };
      throw new HoldfastError({ code: 'run.call-unknown', message: `The run has no call and no operation "${effect}".`, retryable: false, remedy: 'GET /v1/runs/<run> lists the calls of each step.' });
    }
    const found = this.history.find((recorded) => recorded.commit.number === commit);
    if (found !== undefined) return { commit: found.commit, callIds: callIdsOf(found.commit) };
    throw new HoldfastError({ code: 'run.commit-unknown', message: `The run has no commit ${commit}; its last is ${this.history.at(-1)?.commit.number}.`, retryable: false, remedy: 'GET /v1/runs/<run>/events lists the commits.' });
  }

  tell(question: WhyQuestion, subject: Commit, callIds: readonly string[]): WhyInRun {
    const accepted = this.all('task-accepted')[0] ?? this.all('run-forked')[0];
    if (accepted === undefined && this.all('content-erased').length > 0) throw new HoldfastError({ code: 'run.erased', message: 'What the run said is erased, and with it why it did anything.', retryable: false, remedy: 'GET /v1/runs/<run>/events lists what is left: the types of its events, their instants and hashes.' });
    if (accepted === undefined) throw new HoldfastError({ code: 'log.corrupt', message: 'The history does not begin with a task.', retryable: false, remedy: 'Quarantine the run and compare the log with a backup.' });
    const { task, agent } = accepted.event;
    const own = subject.events.find((event) => event.type === 'decision-made');
    const head = this.history.at(-1)?.commit;
    return {
      runId: subject.runId,
      question: { ...(question.commit === undefined ? {} : { commit: question.commit }), ...(question.effect === undefined ? {} : { effect: question.effect }) },
      task: { ...this.link(accepted.commit), source: task.source, id: task.id, type: task.type, goal: task.goal, requester: task.requester, agent },
      subject: { ...this.link(subject), route: subject.route, previousHash: subject.previousHash, cause: subject.cause, events: this.view.events(subject).map((shown) => shown.event) },
      ...(callIds.length === 0 && own !== undefined ? { decision: this.decision({ event: own, commit: subject }) } : {}),
      actions: callIds.map((callId) => this.action(callId)),
      chain: { verified: this.brokenAt === undefined, commits: this.history.length, head: head?.hash ?? '', ...(this.brokenAt === undefined ? {} : { brokenAt: this.brokenAt }) },
    };
  }

  private action(callId: string): WhyAction {
    const decided = this.all('decision-made').find(({ event }) => requestOf(event, callId) !== undefined);
    const request = decided === undefined ? undefined : requestOf(decided.event, callId);
    const called = this.about('tool-called', callId)[0];
    const simulated = this.about('call-simulated', callId)[0];
    const refused = this.about('call-refused', callId)[0];
    const waited = this.about('wait-begun', callId)[0];
    return {
      callId,
      tool: request?.tool ?? called?.event.tool ?? simulated?.event.tool ?? refused?.event.tool ?? 'unknown',
      arguments: called?.event.arguments ?? simulated?.event.arguments ?? request?.arguments ?? {},
      ...(decided === undefined ? {} : { decision: this.decision(decided) }),
      policy: this.all('policy-checked').filter(({ event }) => event.verdict.callId === callId).map(({ event: { verdict }, commit }) => ({
        ...this.link(commit), outcome: verdict.outcome, reasons: verdict.reasons, policies: verdict.policies, policyDigest: verdict.policyDigest, risk: verdict.risk, origins: verdict.origins,
      })),
      approvals: this.about('approval-requested', callId).map(({ event, commit }) => {
        const [answered, resolved] = (['approval-answered', 'doubt-resolved'] as const).map((type) => this.all(type).find((other) => other.event.approvalId === event.approvalId));
        const answer = answered ?? resolved;
        return {
          ...this.link(commit), approvalId: event.approvalId, reasons: event.reasons, expiresAt: event.expiresAt,
          ...(answer === undefined ? {} : { answered: { ...this.link(answer.commit), answer: answer.event.type === 'doubt-resolved' ? answer.event.resolution : answer.event.answer, by: answer.event.by, comment: answer.event.comment } }),
        };
      }),
      ...(refused === undefined ? {} : { refused: { ...this.link(refused.commit), reasons: refused.event.reasons } }),
      ...(called === undefined ? {} : { call: this.dispatched(called) }),
      ...(waited === undefined ? {} : { waited: this.waited(waited) }),
      ...(simulated === undefined ? {} : { simulated: { ...this.link(simulated.commit), ...(simulated.event.from === undefined ? {} : { from: simulated.event.from }) } }),
      outcomes: this.about('tool-returned', callId).map(({ event: { outcome }, commit }) => ({
        ...this.link(commit), status: outcome.status, replayed: outcome.status === 'succeeded' && outcome.replayed, attempts: outcome.attempts,
        ...(outcome.status === 'succeeded' ? { result: this.resultOf(commit, callId) } : { failure: outcome.failure }),
      })),
    };
  }

  private decision({ event: { proposal }, commit }: Placed<RunEventOf<'decision-made'>>): WhyDecision {
    const { promptDigest, toolsShown, contracts, ...model } = proposal.model;
    const plan = this.planOf(commit);
    const tools = new Map([...this.all('tool-called'), ...this.all('call-simulated')].map(({ event }) => [event.callId, event.tool]));
    const before = this.all('observation-recorded').filter((observed) => observed.commit.number <= proposal.basis);
    const known = before.filter(({ event }, index) => index >= before.length - MOST_OBSERVATIONS || hasPassages(event.content));
    return {
      ...this.link(commit),
      text: proposal.text,
      ...(proposal.answer === undefined ? {} : { answer: proposal.answer }),
      basis: proposal.basis,
      model,
      ...(plan === undefined ? {} : { plan }),
      shown: {
        promptDigest,
        tools: toolsShown,
        ...(contracts === undefined ? {} : { contracts }),
        observations: known.map(({ event, commit: at }) => ({ ...this.link(at), callId: event.callId, tool: tools.get(event.callId) ?? 'unknown', trust: event.label.trust, source: event.label.source, ...passagesIn(event.content) })),
      },
    };
  }

  private dispatched({ event, commit }: Placed<RunEventOf<'tool-called'>>): NonNullable<WhyAction['call']> {
    const operationKey = this.means.operationKeyOf?.(event, commit);
    return { ...this.link(commit), adapter: event.adapter, effect: event.effect, contractDigest: event.contractDigest, permitDigest: permitDigest(event.permit), ...(operationKey === undefined ? {} : { operationKey }) };
  }

  private waited({ event: { wait, callId }, commit }: Placed<RunEventOf<'wait-begun'>>): NonNullable<WhyAction['waited']> {
    if (wait.for !== 'child') return { ...this.link(commit), for: wait.for };
    const ended = this.all('child-ended').find(({ event }) => event.callId === callId);
    return { ...this.link(commit), for: 'child', runId: wait.runId, ...(ended === undefined ? {} : { status: ended.event.status }) };
  }

  /** The plan that a decision adopted or, of any other, by which the run went. */
  private planOf(decided: Commit): WhyDecision['plan'] {
    const adopted = this.placed.findLast(({ event, commit }) => commit.number <= decided.number && (event.type === 'plan-adopted' || (event.type === 'run-forked' && event.plan !== undefined)));
    if (adopted === undefined) return undefined;
    const shown = this.view.events(adopted.commit).find(({ event }) => event.type === adopted.event.type)?.event as RunEvent | undefined;
    const own = adopted.commit === decided;
    if (shown?.type === 'plan-adopted') return { ...this.link(adopted.commit), steps: shown.steps, asks: shown.asks ?? NO_MEANS, trust: shown.label.trust, own };
    if (shown?.type !== 'run-forked' || shown.plan === undefined) return undefined;
    return { ...this.link(adopted.commit), steps: shown.plan.steps, asks: shown.plan.asks, trust: (shown.read ?? UNKNOWN_READING).trust, own };
  }

  /** What the tool gave back, as it may be shown. */
  private resultOf(commit: Commit, callId: string): unknown {
    const returned = this.view.events(commit).find(({ event }) => event.type === 'tool-returned' && event['callId'] === callId);
    return (returned?.event['outcome'] as { result?: unknown } | undefined)?.result;
  }

  private link(commit: Commit): WhyLink {
    return { commit: commit.number, at: commit.at, hash: commit.hash, trusted: this.sound.has(commit) };
  }

  private all<T extends RunEventType>(type: T): readonly Placed<RunEventOf<T>>[] {
    return this.placed.filter((one): one is Placed<RunEventOf<T>> => one.event.type === type);
  }

  private about<T extends 'tool-called' | 'call-simulated' | 'wait-begun' | 'call-refused' | 'approval-requested' | 'tool-returned'>(type: T, callId: string): readonly Placed<RunEventOf<T>>[] {
    return this.all(type).filter((one) => callIdOfEvent(one.event) === callId);
  }
}
