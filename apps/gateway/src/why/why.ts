import { HoldfastError, shownPassage, type Commit, type RecordedCommit, type RunEvent, type RunEventOf, type RunEventType } from '@holdfast/contracts';
import { findBreak } from '@holdfast/event-log';
import { callIdOf } from '@holdfast/run';
import { z } from 'zod';
import { PublicView, permitDigest } from '../runs/public-event.js';
import type { Why, WhyAction, WhyDecision, WhyLink } from './why.schema.js';

export interface WhyQuestion {
  readonly commit?: number | undefined;
  /** A call's id. */
  readonly effect?: string | undefined;
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
 * people said, what was sent and what came of it. The history must be the run's whole one, as it is stored. Its hash
 * chain is checked first, and links from a broken place on are told but marked as not to be trusted.
 *
 * Throws `run.commit-unknown` or `run.call-unknown` when the history holds no such place, and `run.erased` when it says nothing any more.
 */
export function explain(history: readonly RecordedCommit[], question: WhyQuestion, view = new PublicView()): Why {
  const walk = new Walk(history, view);
  const subject = walk.subjectOf(question);
  const callIds = question.effect === undefined ? callIdsOf(subject) : [question.effect];
  return walk.view.scrub(walk.tell(question, subject, callIds)) as Why;
}

class Walk {
  private readonly placed: readonly Placed[];
  private readonly brokenAt: ReturnType<typeof findBreak>;

  constructor(private readonly history: readonly RecordedCommit[], readonly view: PublicView) {
    this.brokenAt = findBreak(history);
    for (const { commit } of history) this.view.learn(commit);
    this.placed = history.flatMap(({ commit }) => commit.events.map((event) => ({ event, commit })));
  }

  subjectOf({ commit, effect }: WhyQuestion): Commit {
    if (effect !== undefined) {
      const about = this.placed.filter(({ event }) => callIdOfEvent(event) === effect);
      const main = about.find(({ event }) => event.type === 'tool-called') ?? about.find(({ event }) => event.type === 'call-refused') ?? about[0];
      if (main !== undefined) return main.commit;
      throw new HoldfastError({ code: 'run.call-unknown', message: `The run has no call "${effect}".`, retryable: false, remedy: 'GET /v1/runs/<run> lists the calls of each step.' });
    }
    const found = this.history.find((recorded) => recorded.commit.number === commit);
    if (found !== undefined) return found.commit;
    throw new HoldfastError({ code: 'run.commit-unknown', message: `The run has no commit ${commit}; its last is ${this.history.at(-1)?.commit.number}.`, retryable: false, remedy: 'GET /v1/runs/<run>/events lists the commits.' });
  }

  tell(question: WhyQuestion, subject: Commit, callIds: readonly string[]): Why {
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
      ...(called === undefined ? {} : { call: { ...this.link(called.commit), adapter: called.event.adapter, effect: called.event.effect, contractDigest: called.event.contractDigest, permitDigest: permitDigest(called.event.permit) } }),
      ...(simulated === undefined ? {} : { simulated: { ...this.link(simulated.commit), ...(simulated.event.from === undefined ? {} : { from: simulated.event.from }) } }),
      outcomes: this.about('tool-returned', callId).map(({ event: { outcome }, commit }) => ({
        ...this.link(commit), status: outcome.status, replayed: outcome.status === 'succeeded' && outcome.replayed, attempts: outcome.attempts,
        ...(outcome.status === 'succeeded' ? { result: this.resultOf(commit, callId) } : { failure: outcome.failure }),
      })),
    };
  }

  private decision({ event: { proposal }, commit }: Placed<RunEventOf<'decision-made'>>): WhyDecision {
    const { promptDigest, toolsShown, contracts, ...model } = proposal.model;
    const tools = new Map([...this.all('tool-called'), ...this.all('call-simulated')].map(({ event }) => [event.callId, event.tool]));
    const before = this.all('observation-recorded').filter((observed) => observed.commit.number <= proposal.basis);
    const known = before.filter(({ event }, index) => index >= before.length - MOST_OBSERVATIONS || searched.safeParse(event.content).success);
    return {
      ...this.link(commit),
      text: proposal.text,
      ...(proposal.answer === undefined ? {} : { answer: proposal.answer }),
      basis: proposal.basis,
      model,
      shown: {
        promptDigest,
        tools: toolsShown,
        ...(contracts === undefined ? {} : { contracts }),
        observations: known.map(({ event, commit: at }) => ({ ...this.link(at), callId: event.callId, tool: tools.get(event.callId) ?? 'unknown', trust: event.label.trust, source: event.label.source, ...passagesIn(event.content) })),
      },
    };
  }

  /** What the tool gave back, as it may be shown. */
  private resultOf(commit: Commit, callId: string): unknown {
    const returned = this.view.events(commit).find(({ event }) => event.type === 'tool-returned' && event['callId'] === callId);
    return (returned?.event['outcome'] as { result?: unknown } | undefined)?.result;
  }

  private link(commit: Commit): WhyLink {
    return { commit: commit.number, at: commit.at, hash: commit.hash, trusted: this.brokenAt === undefined || commit.number < this.brokenAt.number };
  }

  private all<T extends RunEventType>(type: T): readonly Placed<RunEventOf<T>>[] {
    return this.placed.filter((one): one is Placed<RunEventOf<T>> => one.event.type === type);
  }

  private about<T extends 'tool-called' | 'call-simulated' | 'call-refused' | 'approval-requested' | 'tool-returned'>(type: T, callId: string): readonly Placed<RunEventOf<T>>[] {
    return this.all(type).filter((one) => callIdOfEvent(one.event) === callId);
  }
}

const searched = z.object({ passages: z.array(shownPassage) });

/** The passages that a search in memory showed; what any other tool gave back is told by its own action. */
function passagesIn(content: unknown): Pick<WhyDecision['shown']['observations'][number], 'passages'> {
  const found = searched.safeParse(content);
  return found.success ? { passages: found.data.passages } : {};
}

function requestOf({ proposal }: RunEventOf<'decision-made'>, callId: string): { readonly tool: string; readonly arguments: Record<string, unknown> } | undefined {
  return proposal.requests.find((_request, index) => callIdOf(proposal.basis, index) === callId);
}

function callIdOfEvent(event: RunEvent): string | undefined {
  if (event.type === 'policy-checked') return event.verdict.callId;
  return 'callId' in event ? event.callId : undefined;
}

/** The calls that a commit is about: those it names, or all that its decision asks for. */
function callIdsOf(commit: Commit): readonly string[] {
  const named = commit.events.flatMap((event) => {
    if (event.type === 'decision-made') return event.proposal.requests.map((_request, index) => callIdOf(event.proposal.basis, index));
    return callIdOfEvent(event) ?? [];
  });
  return [...new Set(named)];
}
