import { BudgetBook, MemoryBudgetStore } from '@holdfast/budgets';
import type { WorkMessage, WorkResult } from '@holdfast/bus';
import { DataKeys, MasterKeys, MemoryDataKeyStore, newMasterKey } from '@holdfast/data-keys';
import { InMemoryEventLog } from '@holdfast/event-log';
import { RUNTIME_TOOLS, subjects, type AgentDeclaration, type AuthorizeRequest, type Catalog, type Fact, type FactOf, type RecordedCommit, type RunEvent, type Verdict } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import { InputPreparer } from '../runs/input-preparer.js';
import { RunCache } from '../runs/run-cache.js';
import { RunProcessor, type Processed } from '../runs/run-processor.js';
import { originReader } from './fork-origin.js';
import { recordedFinder } from './recorded-results.js';
import { openRuntimeCalls, stillWaits } from './runtime-calls.js';

const digest = 'd'.repeat(64);
export const PARTITIONS = 4;
export const TENANT = 'acme';

function agentOf(name: string, type: string): AgentDeclaration {
  return { name, instructions: 'Work.', model: 'scripted', taskTypes: [type], tools: RUNTIME_TOOLS.map((own) => own.name), trustTier: 'supervised', inputTrust: {}, budgets: { maxSteps: 20, deadlineSeconds: 600, approvalSeconds: 60 }, digest };
}
const catalog: Catalog = { agents: [agentOf('boss', 'plan'), agentOf('checker', 'check')], tools: [...RUNTIME_TOOLS] };

async function allowAll({ calls }: AuthorizeRequest): Promise<{ verdicts: Verdict[] }> {
  return { verdicts: calls.map(({ callId }) => ({ callId, outcome: 'allow', reasons: ['fine'], policies: [], policyDigest: digest, risk: { score: 1, factors: [] }, origins: [], permit: `permit-${callId}` })) };
}

/** An orchestrator on a log in memory, with a consumer that delivers as often as it is told to. */
export class Installation {
  readonly dataKeys = new DataKeys(new MemoryDataKeyStore(), MasterKeys.parse(newMasterKey()));
  readonly log = new InMemoryEventLog(PARTITIONS, undefined, undefined, this.dataKeys);
  readonly armed: string[] = [];
  readonly complaints: string[] = [];
  private readonly cache = new RunCache(this.log, 64 * 1024 * 1024);
  private now = 1_000;
  private readonly budgets = new BudgetBook(new MemoryBudgetStore());
  readonly processor = new RunProcessor({
    log: this.log, cache: this.cache, preparer: new InputPreparer(catalog, allowAll, this.budgets, originReader(this.log), undefined, undefined, recordedFinder(this.log)), budgets: this.budgets, dataKeys: this.dataKeys, clock: () => (this.now += 1),
    armTimer: async (key, timerId) => void this.armed.push(`${key.runId}:${timerId}`),
  });
  private readonly handlers: ((message: WorkMessage) => Promise<WorkResult>)[] = [];
  private readonly acknowledged = new Set<string>();

  constructor(processor: Pick<RunProcessor, 'process'> = { process: (key, fact) => this.processor.process(key, fact) }) {
    const logger = { warn: () => undefined, error: (_details: object, text: string) => void this.complaints.push(text) } as unknown as Logger;
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      openRuntimeCalls({
        bus: { work: ({ handle }) => { this.handlers.push((message) => handle(message, new AbortController().signal)); return {} as never; } },
        log: this.log, processor, logger, concurrency: 1, stillWaits: (key, callId) => stillWaits(this.cache, key, callId),
      }, partition);
    }
  }

  async tell(runId: string, ...facts: readonly Fact[]): Promise<Processed['status'][]> {
    const statuses: Processed['status'][] = [];
    for (const fact of facts) statuses.push((await this.processor.process({ tenant: TENANT, runId }, fact)).status);
    return statuses;
  }

  /** Delivers whatever of the consumer's commits is not acknowledged, `times` over each; until nothing is new. */
  async deliver({ times = 1, order = (messages: readonly RecordedCommit[]) => messages } = {}): Promise<void> {
    for (let before = -1; before !== this.acknowledged.size;) {
      before = this.acknowledged.size;
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const waiting = (await this.log.readPartition(partition, 1, 1_000)).filter(({ commit }) => ['call.holdfast', 'end'].includes(commit.route) && !this.acknowledged.has(commit.hash));
        for (const recorded of order(waiting)) for (let time = 0; time < times; time += 1) await this.hand(partition, recorded);
      }
    }
  }

  private async hand(partition: number, { commit, sequence }: RecordedCommit): Promise<void> {
    const message: WorkMessage = { subject: subjects.commit(partition, commit, commit.route), data: new TextEncoder().encode(JSON.stringify(commit)), sequence, deliveries: 1, header: () => undefined };
    if ((await this.handlers[partition]?.(message)) === 'done') this.acknowledged.add(commit.hash);
  }

  async events(runId: string): Promise<RunEvent[]> {
    return (await this.log.readRun({ tenant: TENANT, runId })).flatMap(({ commit }) => commit.events);
  }

  async types(runId: string): Promise<string[]> {
    return (await this.events(runId)).map((event) => event.type);
  }
}

export const task: FactOf<'task'> = { kind: 'task', id: 'task:1', requester: '/plans', event: { specversion: '1.0', id: '1', source: '/plans', type: 'plan', data: { goal: 'Have it checked.' } } };

export function plan(basis: number, ...calls: readonly (readonly [tool: string, given: Record<string, unknown>])[]): FactOf<'plan'> {
  return {
    kind: 'plan', id: `plan:${basis}`,
    proposal: {
      basis, text: 'text', requests: calls.map(([tool, given], index) => ({ requestId: `r${index}`, tool, arguments: given })), ...(calls.length === 0 ? { answer: 'It is right.' } : {}),
      model: { name: 'm', provider: 'p', promptDigest: digest, toolsShown: [], inputTokens: 3, outputTokens: 4, finishReason: 'stop', durationMs: 1 },
    },
  };
}

export const control = (action: FactOf<'control'>['action']): FactOf<'control'> => ({ kind: 'control', id: `control:${action}`, action, by: 'ada', reason: '' });
