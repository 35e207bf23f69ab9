import { createHash, type Hash } from 'node:crypto';
import type { ModelMessage } from 'ai';
import { DEFAULT_CONTEXT_TOKENS, canonicalJson, type Compaction, type Digest, type Label, type RecordedCommit, type RunEvent, type RunEventOf } from '@holdfast/contracts';
import { callIdOf } from '@holdfast/run';
import { summaryMessage, type Excess } from './compaction.js';
import { noticeText } from './notices.js';
import { shownLabel, shownResult, signalMessage, taskMessage, threadMessage } from './shown.js';
import { CHARACTERS_PER_TOKEN, type Shown, type Turn } from './turn.js';
import { OWN_WORTH, personWorth, taskWorth, threadWorth, type Worth } from './worth.js';

type ToolResultContent = Extract<ModelMessage, { role: 'tool' }>['content'];
type ToolResultPart = Extract<ToolResultContent[number], { type: 'tool-result' }>;

/** A call whose result may still come: its turn, its place there, and the part that the result is put into. */
interface Called {
  readonly turn: Turn;
  readonly at: number;
  readonly part: { output: ToolResultPart['output'] };
}

/** Beyond this share of its budget a conversation is to be summed up, before anything has to be left out. */
const FULL = 3 / 4;
/** What is kept word by word, what a summary may take, and the least that is worth one, as shares of the budget. */
const KEPT = 1 / 3;
const SUMMARY = 1 / 8;
const WORTH_IT = 1 / 8;
/** A summary never has more characters than its event takes. */
const LONGEST_SUMMARY = 32_000;

/**
 * The conversation that a run's history amounts to: the task, then for each decision what the model said and what came
 * of its calls. It is made from the log alone, commit by commit, so any planner at any time builds the same one.
 *
 * Before it grows beyond the agent's budget of tokens, its older part is to be summed up ({@link Conversation.excess}); the summary is
 * an event, and stands in its place from then on. Where nobody does that, the older half is left out and the model is told so; the task always
 * stays. Half at a time, not one turn with each step, keeps the beginning the same for many steps, which is
 * what providers' prompt caches and the running digest live on.
 */
export class Conversation {
  private readonly turns: Turn[] = [];
  private readonly calls = new Map<string, Called>();
  /** The call that was settled last: what it gave back is labelled by the event after it. */
  private settled: ({ readonly callId: string } & Called) | undefined;
  private budget = DEFAULT_CONTEXT_TOKENS;
  /** The number of the commit that is added. */
  private number = 0;
  /** Turns up to here, without the task, are left out; so many of them were decisions. */
  private firstShown = 1;
  private decisionsLeftOut = 0;
  /** Where the last summary ends. */
  private summedUpTo = -1;
  /** Turns up to here are final and counted. */
  private counted = 0;
  private tokensShown = 0;
  /** The contracts of the tools that the model was shown, as a decision named them last. */
  private lastContracts: Readonly<Record<string, Digest>> | undefined;
  private running: Hash = createHash('sha256');
  /** The fork that this run is, until it was given the conversation that it goes on with. */
  private fork: RunEventOf<'run-forked'> | undefined;

  static of(history: readonly RecordedCommit[]): Conversation {
    const conversation = new Conversation();
    for (const recorded of history) conversation.add(recorded);
    return conversation;
  }

  add({ commit }: RecordedCommit): void {
    this.number = commit.number;
    for (const event of commit.events) this.apply(event);
    this.countFinal();
  }

  /** The run, up to which commit, whose conversation this one goes on with and has not been given. */
  get origin(): { readonly runId: string; readonly number: number } | undefined {
    return this.fork?.origin;
  }

  /** A forked run goes on with the origin's conversation; with its bare task when there is none. Does nothing when it has begun. */
  goOnFrom(origin: Conversation | undefined): void {
    const { fork } = this;
    if (fork === undefined) return;
    this.fork = undefined;
    for (const { callId, status, reason } of fork.unsettled) {
      origin?.settle(callId, status === 'refused' ? { type: 'execution-denied', reason } : { type: 'error-json', value: { status, message: reason } }, true);
    }
    // Nothing comes of the origin's calls here any more.
    for (const turn of origin?.turns ?? []) {
      turn.open = 0;
      turn.began = 0;
    }
    this.turns.unshift(...(origin?.turns ?? [{ messages: [taskMessage(fork)], worths: [taskWorth(fork)], isDecision: false, began: 0, open: 0, tokens: 0 }]));
    this.countFinal();
  }

  private countFinal(): void {
    // What is put before a fork's turns is not known yet.
    if (this.fork !== undefined) return;
    for (let turn = this.turns[this.counted]; turn !== undefined && turn.open === 0; turn = this.turns[this.counted]) this.count(turn);
  }

  /** What the model is shown. */
  get messages(): ModelMessage[] {
    return messagesOf(this.shown);
  }

  /** The turns of which that is made. */
  get shown(): readonly Shown[] {
    return [...this.turns.slice(0, 1), ...this.omission(), ...this.turns.slice(this.firstShown)];
  }

  get contracts(): Readonly<Record<string, Digest>> | undefined {
    return this.lastContracts;
  }

  /** SHA-256 over the canonical form (RFC 8785) of what the model is shown, turn by turn. */
  get digest(): string {
    const digest = this.running.copy();
    for (const turn of this.turns.slice(Math.max(this.counted, this.firstShown))) digest.update(canonicalJson(turn.messages));
    return digest.digest('hex');
  }

  /** What is to be summed up before the model is asked again; undefined while there is room, or nothing that would be worth it. */
  get excess(): Excess | undefined {
    if (this.fork !== undefined || (this.tokensShown <= this.budget * FULL && this.firstShown === 1)) return undefined;
    let from = this.turns.length - 1;
    for (let kept = this.turns[from]?.tokens ?? 0; from > 1; from -= 1) {
      kept += this.turns[from - 1]?.tokens ?? 0;
      if (kept > this.budget * KEPT) break;
    }
    // A commit's turns go or stay together.
    const upTo = Math.max(0, (this.turns[from]?.began ?? 1) - 1);
    const turns = this.turns.slice(1).filter(({ began }) => began <= upTo);
    if (upTo <= this.summedUpTo || turns.reduce((sum, { tokens }) => sum + tokens, 0) < this.budget * WORTH_IT) return undefined;
    return { upTo, turns: turns.map(({ messages }) => messages), room: Math.min(LONGEST_SUMMARY, Math.floor(this.budget * SUMMARY * CHARACTERS_PER_TOKEN)) };
  }

  /** What the model is shown once a summary stands in the place of what it is of; this conversation itself stays as it is. */
  compactedBy(compaction: Compaction, label: Label): Pick<Conversation, 'messages' | 'shown' | 'digest' | 'contracts'> {
    const turns = this.turnsAfter(compaction, label);
    const digest = createHash('sha256');
    for (const { messages } of turns) digest.update(canonicalJson(messages));
    return { messages: messagesOf(turns), shown: turns, digest: digest.digest('hex'), contracts: this.lastContracts };
  }

  private turnsAfter(compaction: Compaction, label: Label): readonly Turn[] {
    const [task, ...rest] = this.turns;
    const summary: Turn = { messages: [summaryMessage(compaction, label)], worths: [{ label }], isDecision: false, began: compaction.upTo, open: 0, tokens: 0 };
    return [...(task === undefined ? [] : [task]), summary, ...rest.filter(({ began }) => began > compaction.upTo)];
  }

  private compact(event: RunEventOf<'context-compacted'>): void {
    this.turns.splice(0, this.turns.length, ...this.turnsAfter(event, event.label));
    this.summedUpTo = event.upTo;
    this.firstShown = 1;
    this.decisionsLeftOut = 0;
    this.counted = 0;
    this.tokensShown = 0;
    this.running = createHash('sha256');
  }

  private apply(event: RunEvent): void {
    switch (event.type) {
      case 'task-accepted':
        this.budget = event.budgets.contextTokens ?? DEFAULT_CONTEXT_TOKENS;
        return this.say(taskMessage(event), taskWorth(event));
      case 'run-forked': {
        this.budget = event.budgets.contextTokens ?? DEFAULT_CONTEXT_TOKENS;
        this.fork = event;
        const word = event.mode === 'retry' ? 'tries again' : 'goes another way';
        return this.say({ role: 'user', content: JSON.stringify({ note: `Work on this task begins anew here: ${event.by} ${word} from this point.`, reason: event.reason }) }, personWorth(event.by));
      }
      case 'thread-read':
        return this.say(threadMessage(event), threadWorth(event));
      case 'signal-received':
        return this.say(signalMessage(event), { label: event.label });
      case 'context-compacted':
        return this.compact(event);
      case 'notice-given':
        return this.say({ role: 'user', content: JSON.stringify({ note: noticeText(event) }) }, OWN_WORTH);
      case 'decision-made':
        return this.decide(event);
      case 'plan-adopted':
        return this.say({ role: 'assistant', content: JSON.stringify({ plan: event.steps }) });
      case 'doubt-resolved': {
        const { tool, by, comment } = event;
        const found = { happened: 'it took effect', 'did-not-happen': 'it had no effect', retry: 'it may be tried again' }[event.resolution];
        return this.say({ role: 'user', content: JSON.stringify({ note: `Whether your call of ${tool} took effect was in doubt. ${by} says: ${found}.`, comment }) }, personWorth(by));
      }
      case 'call-refused':
        return this.settle(event.callId, { type: 'execution-denied', reason: event.reasons.join(' ') }, true);
      case 'tool-returned': {
        const { outcome, label } = event;
        if (outcome.status === 'succeeded') return this.settle(event.callId, { type: 'json', value: outcome.result as never }, true);
        const { code, message, remedy } = outcome.failure;
        const failure = { status: outcome.status, code, message, remedy };
        // A person will say what became of an effect in doubt.
        return this.settle(event.callId, { type: 'error-json', value: label === undefined ? failure : { label: { ...shownLabel(label) }, ...failure } }, outcome.status !== 'in-doubt', label && { label, content: failure });
      }
      case 'observation-recorded':
        if (this.settled?.callId === event.callId) {
          this.settled.part.output = { type: 'json', value: shownResult(event.content, event) as never };
          this.settled.turn.worths[this.settled.at] = { label: event.label, fields: event.fields, content: event.content };
        }
        return undefined;
      default:
        return undefined;
    }
  }

  private say(message: ModelMessage, worth?: Worth): void {
    this.turns.push({ messages: [message], worths: [worth], isDecision: false, began: this.number, open: 0, tokens: 0 });
  }

  /** Providers refuse a message that says nothing. */
  private said(texts: readonly string[]): void {
    const content = texts.filter((text) => text !== '').join('\n');
    if (content !== '') this.say({ role: 'assistant', content });
  }

  private decide({ proposal }: RunEventOf<'decision-made'>): void {
    this.lastContracts = proposal.model.contracts ?? this.lastContracts;
    if (proposal.requests.length === 0) return this.said([proposal.text, proposal.plan ?? '']);
    const calls = proposal.requests.map((request) => ({ type: 'tool-call' as const, toolCallId: request.requestId, toolName: request.tool, input: request.arguments }));
    const results = proposal.requests.map((request): ToolResultPart => ({ type: 'tool-result', toolCallId: request.requestId, toolName: request.tool, output: { type: 'error-text', value: 'The call has no result.' } }));
    const text = proposal.text === '' ? [] : [{ type: 'text' as const, text: proposal.text }];
    const turn: Turn = { messages: [{ role: 'assistant', content: [...text, ...calls] }, { role: 'tool', content: results }], worths: results.map(() => undefined), isDecision: true, began: this.number, open: calls.length, tokens: 0 };
    this.turns.push(turn);
    for (const [index, part] of results.entries()) this.calls.set(callIdOf(proposal.basis, index), { turn, at: index, part });
  }

  private settle(callId: string, output: ToolResultPart['output'], final: boolean, worth?: Worth): void {
    const call = this.calls.get(callId);
    if (call === undefined) return;
    call.part.output = output;
    call.turn.worths[call.at] = worth;
    this.settled = { callId, ...call };
    if (!final) return;
    call.turn.open -= 1;
    this.calls.delete(callId);
  }

  private count(turn: Turn): void {
    const text = canonicalJson(turn.messages);
    turn.tokens = Math.ceil(text.length / CHARACTERS_PER_TOKEN);
    this.counted += 1;
    this.tokensShown += turn.tokens;
    this.running.update(text);
    if (this.tokensShown > this.budget) this.leaveOut();
  }

  /** Half of the budget is kept, so that this happens once in many steps. */
  private leaveOut(): void {
    const task = this.turns[0]?.tokens ?? 0;
    let kept = this.tokensShown - task;
    // The last turn stays however long it is: without it the model would do it again.
    for (let turn = this.turns[this.firstShown]; turn !== undefined && this.firstShown < this.counted - 1 && kept > this.budget / 2; turn = this.turns[this.firstShown]) {
      kept -= turn.tokens;
      this.firstShown += 1;
      if (turn.isDecision) this.decisionsLeftOut += 1;
    }
    this.tokensShown = task + kept;
    this.running = createHash('sha256');
    for (const turn of [...this.turns.slice(0, 1), ...this.omission(), ...this.turns.slice(this.firstShown, this.counted)]) this.running.update(canonicalJson(turn.messages));
  }

  private omission(): readonly Shown[] {
    if (this.firstShown === 1) return [];
    return [{ messages: [{ role: 'user', content: `(The first ${this.decisionsLeftOut} steps of this run are left out here for their length.)` }], worths: [OWN_WORTH], isDecision: false }];
  }
}

function messagesOf(turns: readonly Shown[]): ModelMessage[] {
  return turns.flatMap(({ messages }) => messages);
}
