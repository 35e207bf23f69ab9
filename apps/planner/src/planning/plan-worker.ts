import { missingVersion, type Agents } from '@holdfast/agent-registry';
import type { Bus, WorkMessage, WorkResult } from '@holdfast/bus';
import { HoldfastError, answerPatience, consumersOf, factAnswer, parseCommitSubject, subjects, type Catalog, type Compaction, type Proposal, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { RunProjections, type EventLog } from '@holdfast/event-log';
import type { AgentModule } from '@holdfast/agent-sdk';
import { ATTRIBUTE, OPERATION, commitTraceparent, injectContext, spanName, withWorkSpan, type Logger } from '@holdfast/observability';
import { awaitedBasis, isSpent, summaryLabel, undispatchedCalls, type Planning } from '@holdfast/run';
import { RecordedAnswers } from '../answers/recorded-answers.js';
import { compact } from '../context/compaction.js';
import type { Conversation } from '../context/conversation.js';
import { joinOrigins } from '../context/origins.js';
import type { Asking } from '../models/ask-in-turn.js';
import type { Closures } from '../models/closures.js';
import { ModelError } from '../models/model-error.js';
import { modelsOf, type ModelSettings, type NamedModel } from '../models/models.js';
import { overheard } from '../models/overheard-model.js';
import type { Pace } from '../models/pace.js';
import type { PriceList } from '../models/prices.js';
import { proposeByReasoner } from '../reasoners/propose-by-reasoner.js';
import { planStageOf, readingFor } from '../strategies/plan-then-execute.js';
import { Narration } from '../tokens/narration.js';
import { deliver, type Place } from './deliver.js';
import { emptyRun, foldRun, type PlannedRun } from './planned-run.js';
import { propose, type ProposeOptions } from './propose.js';
import { tellStall } from './stall.js';
import { VisibleTools } from './visible-tools.js';

export interface PlanWorkerOptions {
  readonly bus: Bus;
  readonly log: Pick<EventLog, 'decode' | 'readAfter'>;
  readonly partitions: number;
  readonly concurrency: number;
  readonly catalog: Catalog;
  /** A run goes on with the version that it began with, whatever the catalogue declares by now. */
  readonly agents: Pick<Agents, 'find'>;
  readonly module: AgentModule;
  readonly models: ModelSettings;
  /** Milliseconds that one try of a model may take. */
  readonly modelTimeoutMs: number;
  /** Milliseconds that a model may take until it sends anything. */
  readonly firstTokenMs: number;
  readonly pace?: Pace;
  readonly closures?: Closures;
  readonly prices?: PriceList | undefined;
  readonly logger: Logger;
  readonly clock: () => number;
  /** Asks the model for one step; {@link propose} when left out. */
  readonly propose?: (options: ProposeOptions) => Promise<Proposal>;
}

/** What the model is to be told, and whether somebody may have asked it already. */
interface PlanWork extends PlannedRun {
  readonly state: Planning;
  readonly isAgain: boolean;
}

interface Planner extends PlanWorkerOptions {
  readonly runs: RunProjections<PlannedRun>;
  readonly visible: VisibleTools;
  readonly answers: RecordedAnswers;
  /** Made for a step that is not decided yet. */
  readonly summaries: WeakMap<Conversation, { readonly basis: number; readonly compaction: Compaction }>;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 15_000;
/** Nobody tells what such an answer used, so that no budget counts it; all the less often it is asked for. */
const MAY_BE_BILLED: readonly string[] = ['model.interrupted', 'model.timeout', 'model.silent', 'model.garbled'];
const LAST_BILLED_RETRY_MS = 300_000;

/** Answers plan commits with proposals. A message is acknowledged when the log holds its proposal, or no longer wants one. */
export function startPlanWorker(options: PlanWorkerOptions): void {
  const runs = new RunProjections<PlannedRun>(options.log, { initial: emptyRun, fold: foldRun });
  const planner: Planner = { ...options, runs, visible: new VisibleTools(options.bus, options.clock), answers: new RecordedAnswers(options.bus), summaries: new WeakMap() };
  for (const consumer of consumersOf(options.partitions, []).filter((candidate) => candidate.name === 'planner')) {
    options.bus.work({
      consumer, concurrency: options.concurrency,
      onError: (error, message) => options.logger.error({ err: error, subject: message.subject }, 'a step could not be planned and will be tried again'),
      onMissing: (description) => options.logger.error({ description }, 'a consumer is missing: run the installer'),
      handle: (message, signal) => plan(planner, message, signal),
    });
  }
}

async function plan(planner: Planner, message: WorkMessage, stopping: AbortSignal): Promise<WorkResult> {
  const place = parseCommitSubject(message.subject);
  if (place === undefined) return 'done';
  const { key } = place;
  try {
    const recorded = await planner.log.decode(message);
    const { commit } = recorded;
    const { state, conversation, brief } = await load(planner, key, recorded, message.deliveries > 1);
    if (awaitedBasis(state) !== commit.number || state.phase !== 'planning') {
      // Decided, but its calls are not all sent: whoever decided died with the planner that asked, and only this message is left.
      return undispatchedCalls(state).length === 0 ? 'done' : sendNudge(planner, place.partition, key);
    }
    const parent = commitTraceparent({ ...key, commitId: commit.hash });
    const attributes = { [ATTRIBUTE.operationName]: OPERATION.invokeAgent, [ATTRIBUTE.agentName]: state.agent.name, [ATTRIBUTE.conversationId]: key.runId, [ATTRIBUTE.runId]: key.runId, [ATTRIBUTE.tenant]: key.tenant, [ATTRIBUTE.takeover]: message.deliveries > 1 };
    return await withWorkSpan({ name: spanName.invokeAgent(state.agent.name), kind: 'consumer', parent, attributes }, async () => {
      const narration = new Narration((event) => planner.bus.tell(subjects.tokens(key), event), { basis: state.basis, attempt: message.deliveries });
      const found = message.deliveries > 1 ? await deliverRecorded(planner, place, state.basis, narration, stopping) : undefined;
      if (found !== undefined) return found;
      const proposal = await makeProposal(planner, key, { state, conversation, brief, isAgain: message.deliveries > 1 }, narration, stopping).catch(async (error: unknown) => {
        if (!stopping.aborted) await tellStall(planner, place, state.basis, error);
        throw error;
      });
      return deliver(planner, place, proposal, stopping);
    });
  } catch (error) {
    // Full-jitter backoff would need chance; the delivery count alone spreads retries enough for one message.
    const longest = error instanceof HoldfastError && MAY_BE_BILLED.includes(error.code) ? LAST_BILLED_RETRY_MS : LAST_RETRY_MS;
    const backoff = Math.min(longest, FIRST_RETRY_MS * 2 ** Math.min(message.deliveries, 10));
    const delay = Math.max(backoff, error instanceof ModelError ? error.retryAfterMs ?? 0 : 0);
    if (!stopping.aborted) planner.logger.warn({ err: error, tenant: key.tenant, run_id: key.runId, again_after_ms: delay }, 'no proposal yet');
    return { againAfterMs: stopping.aborted ? 0 : delay };
  }
}

/**
 * Sends the answer that another planner was given for this step and recorded. Undefined when there is none; and when the
 * orchestrator does not take it, since it would be found, and refused, for ever.
 */
async function deliverRecorded(planner: Planner, place: Place, basis: number, narration: Narration, stopping: AbortSignal): Promise<WorkResult | undefined> {
  const answer = await planner.answers.find(place.key, basis);
  if (answer === undefined) return undefined;
  planner.logger.info({ tenant: place.key.tenant, run_id: place.key.runId, basis }, 'an answer that was recorded is used, and the model is not asked again');
  narration.ended('recorded');
  return deliver(planner, place, answer, stopping).catch((error: unknown) => {
    planner.logger.warn({ err: error, tenant: place.key.tenant, run_id: place.key.runId, basis }, 'a recorded answer was refused, so the model is asked again');
    return undefined;
  });
}

/** The message is kept until an orchestrator has looked at the run. */
async function sendNudge(planner: Planner, partition: number, key: RunKey): Promise<WorkResult> {
  const answer = await planner.bus.request(subjects.fact(partition, key, 'plan'), { kind: 'nudge' }, factAnswer, { timeoutMs: answerPatience(1) });
  return answer.status === 'unavailable' ? { againAfterMs: FIRST_RETRY_MS } : 'done';
}

/**
 * The run up to the commit that was delivered, which the message itself brings: with what is known of the run, mostly
 * nothing has to be read. A commit that comes again may have been answered long ago, and a model's answer is dear, so
 * then the log is asked how far the run is; a replica that does not have the commit yet makes no difference.
 */
async function load({ runs, log }: Planner, key: RunKey, recorded: RecordedCommit, again: boolean): Promise<PlannedRun> {
  const latest = again ? await runs.latest(key) : undefined;
  const { value } = latest !== undefined && latest.number >= recorded.commit.number ? latest : await runs.upTo(key, [recorded]);
  await joinOrigins(log, key.tenant, value.conversation);
  return value;
}

async function makeProposal(planner: Planner, key: RunKey, work: PlanWork, narration: Narration, stopping: AbortSignal): Promise<Proposal> {
  const { state, conversation, brief } = work;
  const agent = await planner.agents.find(state.agent);
  if (agent === undefined) throw new HoldfastError({ code: 'agent.version-missing', message: `The run waits, for ${missingVersion(state.agent)}.`, retryable: true, remedy: 'Publish that very version again, or cancel the run.' });
  const carried: Record<string, string> = {};
  injectContext({ set: (name, value) => { carried[name] = value; } });
  const visible = await planner.visible.of(key, state, carried);
  const stage = planStageOf(state, visible);
  const models = await modelsOf(agent, planner.module, planner.models);
  const asking: Asking = { chance: () => Math.random(), clock: planner.clock, sleep, stopping, timeoutMs: planner.modelTimeoutMs, ...(planner.pace === undefined ? {} : { pace: planner.pace }), ...(planner.closures === undefined ? {} : { closures: planner.closures }) };
  const compaction = stage?.stage === 'make' ? undefined : await compactionOf(planner, key, work, models, asking);
  const whole = compaction === undefined ? conversation : conversation.compactedBy(compaction, summaryLabel(state, compaction.upTo));
  const step = { agent, tools: planner.catalog.tools.filter((contract) => visible.tools.includes(contract.name)), prices: planner.prices, asking };
  const proposing = agent.reasoner !== undefined ? proposeByReasoner({ ...step, conversation: whole, reasoner: agent.reasoner, key, state, bus: planner.bus, listener: narration }) : (planner.propose ?? propose)({
    ...step, basis: state.basis, runId: key.runId, mayOnlyAnswer: isSpent(state), plan: stage, conversation: readingFor(stage, whole, brief),
    models: models.map(({ name, model }): NamedModel => ({ name, model: overheard(model, narration, planner.firstTokenMs) })),
  });
  proposing.then(() => narration.ended('answered'), (error: unknown) => narration.ended('failed', error instanceof HoldfastError ? error.code : 'internal'));
  const proposal = await proposing;
  return compaction === undefined ? proposal : { ...proposal, compaction };
}

/**
 * The summary that this step needs, if any. It is kept until the step is decided, so that a model that fails afterwards does not cost it twice;
 * and recorded before the model is asked for the step, so that neither does a planner that dies then.
 */
async function compactionOf({ answers, summaries, logger, prices }: Planner, key: RunKey, { state: { basis }, conversation, isAgain }: PlanWork, models: readonly NamedModel[], asking: Asking): Promise<Compaction | undefined> {
  const known = summaries.get(conversation);
  if (known?.basis === basis) return known.compaction;
  const { excess } = conversation;
  if (excess === undefined) return undefined;
  const found = isAgain ? await answers.findSummary(key, basis, excess.upTo) : undefined;
  const compaction = found ?? await compact(excess, { models, asking, prices });
  summaries.set(conversation, { basis, compaction });
  // What no model was asked for costs nothing to make again.
  if (found === undefined && compaction.model !== undefined) {
    await answers.recordSummary(key, basis, compaction).catch((error: unknown) => logger.warn({ err: error, tenant: key.tenant, run_id: key.runId, basis }, 'a summary could not be recorded'));
  }
  return compaction;
}

/** Global timers, so that a simulation's time can stand in for them. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
