import type { Bus } from '@holdfast/bus';
import { REASONER_PROTOCOL, type AgentDeclaration, type Proposal, type ReasonerAnswer, type ReasonerRequest, type RunKey, type ToolContract, type ToolRequest } from '@holdfast/contracts';
import { ATTRIBUTE, OPERATION, injectContext, spanName, withWorkSpan } from '@holdfast/observability';
import { isSpent, leftOf, type Planning } from '@holdfast/run';
import type { Conversation } from '../context/conversation.js';
import { askInTurn, type Answered, type Asking } from '../models/ask-in-turn.js';
import { ModelError } from '../models/model-error.js';
import { attemptsOf, type ModelRecord } from '../models/model-record.js';
import type { ModelListener } from '../models/overheard-model.js';
import { costOf, type PriceList } from '../models/prices.js';
import { callFor, withinBounds } from '../planning/answer.js';
import { newContracts, promptOf } from '../planning/prompt.js';
import { requestsOf } from '../planning/requests.js';
import { askReasoner, isUnusable } from './ask-reasoner.js';
import { reasonerMessages } from './messages.js';

export interface ReasonedStep {
  readonly reasoner: string;
  readonly key: RunKey;
  readonly state: Planning;
  readonly agent: AgentDeclaration;
  readonly conversation: Pick<Conversation, 'messages' | 'shown' | 'digest' | 'contracts'>;
  /** The contracts of the tools that policy left visible. */
  readonly tools: readonly ToolContract[];
  readonly bus: Pick<Bus, 'hearOut'>;
  readonly asking: Asking;
  readonly prices?: PriceList | undefined;
  readonly listener: ModelListener;
}

/** The broker lets nobody answer a request for longer, in milliseconds. */
const LONGEST_MS = 600_000;

/** A reasoner's answer, or what there is in the place of one. */
interface Reasoned extends Answered {
  readonly requests: readonly ToolRequest[];
  readonly answer?: string;
  readonly record: ModelRecord;
}

/**
 * One step of an agent whose planner is a process outside Holdfast. Its answer is worth what a model's is: the same wish, with the same
 * limits, judged by the same policy. One that breaks the contract, or says that asking again is of no use, becomes a call that policy
 * refuses, so that it is in the log and counts as a step. Throws the other errors of {@link askReasoner}.
 */
export async function proposeByReasoner(step: ReasonedStep): Promise<Proposal> {
  const { reasoner, key, agent, state, asking: { clock }, listener } = step;
  const asking: Asking = { ...step.asking, timeoutMs: Math.min(step.asking.timeoutMs, LONGEST_MS) };
  const prompt = promptOf(agent, step.conversation, step.tools);
  const request = requestOf(step, prompt.system, asking.timeoutMs);
  const started = clock();
  const attributes = { [ATTRIBUTE.operationName]: OPERATION.chat, [ATTRIBUTE.requestModel]: reasoner, [ATTRIBUTE.providerName]: 'reasoner', [ATTRIBUTE.agentName]: agent.name, [ATTRIBUTE.conversationId]: key.runId };
  const { answer, tries } = await askInTurn([{ name: `reasoner/${reasoner}` }], ({ name }, signal) => withWorkSpan({ name: spanName.chat(name), kind: 'client', attributes }, async (): Promise<Reasoned> => {
    const headers: Record<string, string> = {};
    injectContext({ set: (header, value) => { headers[header] = value; } });
    listener.started(name);
    const asked = askReasoner(reasoner, request, { bus: step.bus, headers, signal, said: (text) => listener.said(text) });
    return asked.then((given) => reasonedOf(step, given), (error: unknown) => inPlaceOf(step, error));
  }), asking);
  return {
    basis: state.basis, text: answer.text, requests: [...answer.requests], ...(answer.answer === undefined ? {} : { answer: answer.answer }),
    model: { ...answer.record, promptDigest: prompt.digest, toolsShown: step.tools.map(({ name }) => name).sort(), ...newContracts(step.tools, step.conversation), durationMs: clock() - started, ...attemptsOf(tries, answer) },
  };
}

function requestOf({ key, state, agent, conversation, tools }: ReasonedStep, instructions: string, timeoutMs: number): ReasonerRequest {
  const { tools: _tools, ...left } = leftOf(state);
  return {
    protocol: REASONER_PROTOCOL, tenant: key.tenant, run: key.runId, basis: state.basis, agent: { name: state.agent.name, digest: state.agent.digest },
    instructions, messages: reasonerMessages(conversation.shown, state.read),
    tools: tools.map(({ name, description, input, digest }) => ({ name, description, input, digest })),
    mayOnlyAnswer: isSpent(state), left: { steps: Math.max(0, state.budgets.maxSteps - state.steps), ...left }, timeoutMs,
    ...(agent.outputSchema === undefined ? {} : { outputSchema: agent.outputSchema }),
  };
}

function reasonedOf(step: ReasonedStep, { text, requests, answer, model }: ReasonerAnswer): Reasoned {
  return {
    text: withinBounds(text), ...(answer === undefined ? {} : { answer: withinBounds(answer) }),
    requests: requestsOf(requests.map(({ id, tool, arguments: input }) => ({ toolCallId: id ?? '', toolName: tool, input })), step.state.basis),
    record: recordOf(step, model, requests.length > 0 ? 'tool-calls' : 'stop'),
  };
}

/** What stands for an answer that there was and that is none; rethrows what says nothing but that there was no answer yet. */
function inPlaceOf(step: ReasonedStep, error: unknown): Reasoned {
  if (!(error instanceof ModelError) || !(isUnusable(error) || (error.code === 'reasoner.failed' && !error.retryable))) throw error;
  return { text: '', requests: [callFor(step.state.basis, { problem: `${error.message} ${error.remedy}`, mayPass: error.retryable })], record: recordOf(step, undefined, 'error'), unusable: error };
}

/** What is recorded of the models that a reasoner asked, by its own word; a price that we know counts over what it says. */
function recordOf({ reasoner, prices }: ReasonedStep, model: ReasonerAnswer['model'], finish: string): ModelRecord {
  const { cost: claimed, finishReason = finish, ...told } = model ?? { name: reasoner, inputTokens: 0, outputTokens: 0 };
  const known = costOf(prices, told.name, { input: told.inputTokens, cachedInput: Math.min(told.cachedInputTokens ?? 0, told.inputTokens), cacheWrite: 0, output: told.outputTokens });
  const cost = known ?? (prices === undefined || prices.currency === claimed?.currency ? claimed : undefined);
  return { ...told, provider: `reasoner:${reasoner}`, finishReason, ...(cost === undefined ? {} : { cost }) };
}
