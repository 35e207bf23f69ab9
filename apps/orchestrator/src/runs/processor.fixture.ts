import { BudgetBook, MemoryBudgetStore } from '@holdfast/budgets';
import type { DataKeys } from '@holdfast/data-keys';
import { InMemoryEventLog, type AppendResult, type CommitMessage, type AppendableDraft, type EventLog } from '@holdfast/event-log';
import { HoldfastError, type AgentDeclaration, type AuthorizeAnswer, type AuthorizeRequest, type BudgetDraw, type Catalog, type Fact, type FactOf, type RecordedCommit, type RunEvent, type RunKey, type ToolContract, type ToolOutcome, type Verdict } from '@holdfast/contracts';
import { InputPreparer } from './input-preparer.js';
import { RunCache } from './run-cache.js';
import { RunProcessor } from './run-processor.js';

const digest = 'd'.repeat(64);
export const key: RunKey = { tenant: 'acme', runId: 'run-1' };

const agent: AgentDeclaration = {
  name: 'payer', instructions: 'Pay what is due.', model: 'scripted', taskTypes: ['invoice'], tools: ['lookup', 'pay', 'wire'], trustTier: 'supervised',
  inputTrust: {}, budgets: { maxSteps: 20, deadlineSeconds: 60, approvalSeconds: 30 }, digest,
};

function contractOf(name: string): ToolContract {
  return {
    name, description: `Does ${name}.`, adapter: 'default', effect: 'keyed', input: { type: 'object' }, output: { type: 'object' }, identity: ['invoice'], roles: {},
    outputLabel: { trust: 'organisation', secrecy: 'internal', fields: { note: { trust: 'third-party' } } }, timeoutMs: 1_000, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 1, digest,
  };
}

export const catalog: Catalog = { agents: [agent], tools: [...['lookup', 'pay', 'wire'].map(contractOf), { ...contractOf('book'), outputLabel: { ...contractOf('book').outputLabel, trust: 'endorsed' } }] };

export const task: FactOf<'task'> = { kind: 'task', id: 'task:1', requester: '/invoices', event: { specversion: '1.0', id: '1', source: '/invoices', type: 'invoice', data: { goal: 'Pay invoice 7.' } } };

export function plan(basis: number, tools: readonly string[], id = `plan:${basis}`): FactOf<'plan'> {
  return {
    kind: 'plan', id,
    proposal: {
      basis, text: 'text', requests: tools.map((tool, index) => ({ requestId: `r${index}`, tool, arguments: { invoice: 7 } })), ...(tools.length === 0 ? { answer: 'done' } : {}),
      model: { name: 'm', provider: 'p', promptDigest: digest, toolsShown: [], inputTokens: 1, outputTokens: 1, finishReason: 'stop', durationMs: 1 },
    },
  };
}

export const succeeded: ToolOutcome = { status: 'succeeded', result: { note: 'fine' }, replayed: false, attempts: [] };
export const tool = (callId: string, outcome: ToolOutcome = succeeded): FactOf<'tool'> => ({ kind: 'tool', id: `tool:${callId}`, callId, outcome });
export const approval = (approvalId: string, answer: 'approved' | 'rejected' = 'approved'): FactOf<'approval'> => ({ kind: 'approval', id: `approval:${approvalId}`, approvalId, answer, by: 'ada', comment: '' });
export const timer = (timerId: string, dueAt = 1): FactOf<'timer'> => ({ kind: 'timer', id: `timer:${timerId}:${dueAt}`, timerId, dueAt });
export const signal = (id: string): FactOf<'signal'> => ({ kind: 'signal', id, name: id, payload: 1, by: 'ada' });
export const control = (action: FactOf<'control'>['action']): FactOf<'control'> => ({ kind: 'control', id: `control:${action}`, action, by: 'ada', reason: '' });

/** Policy by the tool's name: `lookup` and `pay` may run, `wire` asks a person first, everything else is denied. */
export class FakePolicy {
  readonly asked: AuthorizeRequest[] = [];
  down = false;
  /** What each allowed call, and each proposal, draws upon. */
  draws: readonly BudgetDraw[] = [];
  tokenDraws: readonly BudgetDraw[] = [];

  readonly ask = async (request: AuthorizeRequest): Promise<AuthorizeAnswer> => {
    this.asked.push(request);
    if (this.down) throw new HoldfastError({ code: 'bus.unanswered', message: 'Nobody answered.', retryable: true, remedy: 'Wait.' });
    return { verdicts: request.calls.map((call) => this.verdictOf(call.callId, call.tool, request.approval !== undefined)), tokenDraws: [...this.tokenDraws] };
  };

  private verdictOf(callId: string, name: string, approved: boolean): Verdict {
    const outcome = ['lookup', 'pay', 'book'].includes(name) || (name === 'wire' && approved) ? 'allow' : name === 'wire' ? 'ask' : 'deny';
    return { callId, outcome, reasons: [`It is ${outcome}.`], policies: ['p'], policyDigest: digest, risk: { score: 1, factors: [] }, origins: [], ...(outcome === 'allow' ? { permit: `permit-${callId}`, draws: [...this.draws] } : {}) };
  }
}

/** Wraps a log: what happens, in order, and appends that do not answer. */
export class TroubledLog implements EventLog {
  readonly partitions: number;
  readonly happened: string[] = [];
  /** Appends that are still let through; afterwards none is, until this is set again. */
  appendsLeft = Infinity;
  /** Called before each append: where another orchestrator steps in. */
  beforeAppend: () => Promise<void> = async () => undefined;

  constructor(readonly inner: EventLog = new InMemoryEventLog(2)) {
    this.partitions = inner.partitions;
  }

  async append(run: RunKey, draft: AppendableDraft, previous: RecordedCommit | undefined): Promise<AppendResult> {
    if (this.appendsLeft <= 0) return { status: 'unavailable', code: 'log.unavailable', reason: 'the broker did not answer', remedy: 'Try again.' };
    this.appendsLeft -= 1;
    await this.beforeAppend();
    const result = await this.inner.append(run, draft, previous);
    this.happened.push(`${result.status} ${draft.route}`);
    return result;
  }

  head(run: RunKey) { return this.inner.head(run); }
  lastSequence(run: RunKey) { return this.inner.lastSequence(run); }
  readAfter(run: RunKey, after: number, head?: RecordedCommit) { return this.inner.readAfter(run, after, head); }
  readRun(run: RunKey, known?: readonly RecordedCommit[]) { return this.inner.readRun(run, known); }
  readTail(run: RunKey) { return this.inner.readTail(run); }
  decode(message: CommitMessage) { return this.inner.decode(message); }
  readPartition(partition: number, sequence: number, limit: number) { return this.inner.readPartition(partition, sequence, limit); }
  onErased(listener: () => void) { return this.inner.onErased(listener); }
  follow(from: readonly number[], handler: (recorded: RecordedCommit, partition: number) => void) { return this.inner.follow(from, handler); }
}

/** An orchestrator's processor on a log, as one process would have it: with a cache of its own. */
export function orchestrator(log: EventLog, policy = new FakePolicy(), armTimer: (key: RunKey, timerId: string, dueAt: number) => Promise<void> = async () => undefined, cache = new RunCache(log), budgets = new BudgetBook(new MemoryBudgetStore()), dataKeys?: DataKeys) {
  let now = 1_000;
  const cancelled: string[] = [];
  const processor = new RunProcessor({ log, cache, preparer: new InputPreparer(catalog, policy.ask, budgets), budgets, armTimer, ...(dataKeys === undefined ? {} : { dataKeys }), cancelTimer: (run, timerId, dueAt) => void cancelled.push(`${run.runId} ${timerId} ${dueAt}`), clock: () => (now += 1) });
  const processAll = async (...facts: readonly Fact[]): Promise<string[]> => {
    const statuses: string[] = [];
    for (const fact of facts) statuses.push((await processor.process(key, fact)).status);
    return statuses;
  };
  return { processor, policy, processAll, cache, cancelled, set: (instant: number) => { now = instant; } };
}

export async function eventsOf(log: EventLog): Promise<RunEvent[]> {
  return (await log.readRun(key)).flatMap(({ commit }) => commit.events);
}

export async function sentCalls(log: EventLog): Promise<string[]> {
  return (await eventsOf(log)).flatMap((event) => (event.type === 'tool-called' ? [event.callId] : []));
}
