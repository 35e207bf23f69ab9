import { createHash } from 'node:crypto';
import type { Bus, WorkMessage, WorkResult } from '@holdfast/bus';
import { HoldfastError, canonicalJson, consumersOf, factAnswer, parseCommitSubject, subjects, visibleAnswer, type Catalog, type FactOf, type Proposal, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { CachedRunReader } from '@holdfast/event-log';
import type { AgentModule } from '@holdfast/agent-sdk';
import { ATTRIBUTE, OPERATION, commitTraceparent, injectContext, spanName, withWorkSpan, type Logger } from '@holdfast/observability';
import { awaitedBasis, fold, initialState, undispatchedCalls, type Planning } from '@holdfast/run';
import { messagesOf } from '../context/messages.js';
import { readOrigins } from '../context/origins.js';
import { ModelError } from '../models/model-error.js';
import { resolveModel, type ModelSettings } from '../models/models.js';
import { propose, type ProposeOptions } from './propose.js';

export interface PlanWorkerOptions {
  readonly bus: Bus;
  readonly reader: CachedRunReader;
  readonly partitions: number;
  readonly concurrency: number;
  readonly catalog: Catalog;
  readonly module: AgentModule;
  readonly models: ModelSettings;
  readonly modelTimeoutMs: number;
  readonly logger: Logger;
  readonly clock: () => number;
  /** Asks the model for one step; {@link propose} when left out. */
  readonly propose?: (options: ProposeOptions) => Promise<Proposal>;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 15_000;
/** How soon a commit is looked at again that the log, as it was read, does not have yet. */
const BEHIND_RETRY_MS = 100;

/** Answers plan commits with proposals. A message is acknowledged when the log holds its proposal, or no longer wants one. */
export function startPlanWorker(options: PlanWorkerOptions): void {
  for (const consumer of consumersOf(options.partitions, []).filter((candidate) => candidate.name === 'planner')) {
    options.bus.work({
      consumer, concurrency: options.concurrency,
      onError: (error, message) => options.logger.error({ err: error, subject: message.subject }, 'a step could not be planned and will be tried again'),
      onMissing: (description) => options.logger.error({ description }, 'a consumer is missing: run the installer'),
      handle: (message, signal) => plan(options, message, signal),
    });
  }
}

async function plan(options: PlanWorkerOptions, message: WorkMessage, stopping: AbortSignal): Promise<WorkResult> {
  const place = parseCommitSubject(message.subject);
  if (place === undefined) return 'done';
  const { commit } = await options.reader.decode(message);
  const history = await options.reader.read(place.key, commit.number);
  // A replica may answer a read before it has what the consumer delivered; acknowledged now, the step would be lost.
  if (history.length < commit.number) return { againAfterMs: BEHIND_RETRY_MS };
  const state = fold(history.map((recorded) => recorded.commit), initialState);
  if (awaitedBasis(state) !== commit.number || state.phase !== 'planning') {
    // Decided, but its calls are not all sent: whoever decided died with the planner that asked, and only this message is left.
    return undispatchedCalls(state).length === 0 ? 'done' : sendNudge(options, place.partition, place.key);
  }
  const parent = commitTraceparent({ ...place.key, commitId: commit.hash });
  const attributes = { [ATTRIBUTE.operationName]: OPERATION.invokeAgent, [ATTRIBUTE.agentName]: state.agent.name, [ATTRIBUTE.conversationId]: place.key.runId, [ATTRIBUTE.runId]: place.key.runId, [ATTRIBUTE.tenant]: place.key.tenant, [ATTRIBUTE.takeover]: message.deliveries > 1 };
  try {
    return await withWorkSpan({ name: spanName.invokeAgent(state.agent.name), kind: 'consumer', parent, attributes }, async () => {
      const fact = await makeProposal(options, place.key, state, history, stopping);
      return deliver(options, place.partition, place.key, fact, stopping);
    });
  } catch (error) {
    // Full-jitter backoff would need chance; the delivery count alone spreads retries enough for one message.
    const backoff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(message.deliveries, 10));
    const delay = Math.max(backoff, error instanceof ModelError ? error.retryAfterMs ?? 0 : 0);
    if (!stopping.aborted) options.logger.warn({ err: error, tenant: place.key.tenant, run_id: place.key.runId, again_after_ms: delay }, 'no proposal yet');
    return { againAfterMs: stopping.aborted ? 0 : delay };
  }
}

/** The message is kept until an orchestrator has looked at the run. */
async function sendNudge(options: PlanWorkerOptions, partition: number, key: RunKey): Promise<WorkResult> {
  const answer = await options.bus.request(subjects.fact(partition, key, 'plan'), { kind: 'nudge' }, factAnswer, { timeoutMs: 10_000 });
  return answer.status === 'unavailable' ? { againAfterMs: FIRST_RETRY_MS } : 'done';
}

async function makeProposal(options: PlanWorkerOptions, key: RunKey, state: Planning, history: readonly RecordedCommit[], stopping: AbortSignal): Promise<FactOf<'plan'>> {
  const agent = options.catalog.agents.find((candidate) => candidate.name === state.agent.name);
  if (agent === undefined) throw new HoldfastError({ code: 'agent.unknown', message: `Agent "${state.agent.name}" is not in the catalogue.`, retryable: true, remedy: 'Deploy the agent again, or cancel the run.' });
  const carried: Record<string, string> = {};
  injectContext({ set: (name, value) => { carried[name] = value; } });
  const { tools } = await options.bus.request(subjects.policyVisible(), key, visibleAnswer, { headers: carried });
  const visible = options.catalog.tools.filter((contract) => tools.includes(contract.name));
  const proposal = await (options.propose ?? propose)({
    agent, messages: messagesOf(history, await readOrigins(options.reader, key, history)), tools: visible, basis: state.basis, runId: key.runId, clock: options.clock,
    model: resolveModel(agent.model, options.module, options.models),
    signal: AbortSignal.any([stopping, AbortSignal.timeout(options.modelTimeoutMs)]),
  });
  // The id comes from the content: sent again it is the same fact, and a second planner's answer is another.
  return { kind: 'plan', proposal, id: `plan:${state.basis}:${createHash('sha256').update(canonicalJson(proposal)).digest('hex').slice(0, 16)}` };
}

/**
 * Sends the proposal until the orchestrator says what became of it; a model's answer is too dear to be thrown away. Throws
 * when the orchestrator finds the fact itself at fault: sent again it would be refused again, for ever.
 */
async function deliver(options: PlanWorkerOptions, partition: number, key: RunKey, fact: FactOf<'plan'>, stopping: AbortSignal): Promise<WorkResult> {
  const carried: Record<string, string> = {};
  injectContext({ set: (name, value) => { carried[name] = value; } });
  for (let attempt = 0; ; attempt += 1) {
    const answer = await options.bus.request(subjects.fact(partition, key, 'plan'), fact, factAnswer, { headers: carried, timeoutMs: 10_000 }).catch((error: unknown) => {
      if (error instanceof HoldfastError && !error.retryable) throw error;
      return { status: 'unavailable' as const, reason: String(error) };
    });
    if (answer.status !== 'unavailable') return 'done';
    if (stopping.aborted) return { againAfterMs: 0 };
    await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, 50 * 2 ** attempt)));
  }
}
