import { generateText, jsonSchema, tool, type ToolSet } from 'ai';
import { proposal as proposalSchema, type AgentDeclaration, type Proposal, type ToolContract, type ToolRequest } from '@holdfast/contracts';
import { ATTRIBUTE, OPERATION, spanName, withWorkSpan } from '@holdfast/observability';
import { askInTurn, type Answered, type Asking } from '../models/ask-in-turn.js';
import { ModelError, modelErrorOf } from '../models/model-error.js';
import { attemptsOf, cached, namesOf, recordOf, type ModelRecord } from '../models/model-record.js';
import type { NamedModel } from '../models/models.js';
import type { PriceList } from '../models/prices.js';
import { PLAN_TOOL, planText } from '../strategies/plan-tool.js';
import type { PlanStage } from '../strategies/plan-then-execute.js';
import { callFor, flawOf, withinBounds } from './answer.js';
import { newContracts, promptOf, type Told } from './prompt.js';
import { requestsOf } from './requests.js';

export interface ProposeOptions {
  readonly agent: AgentDeclaration;
  /** The agent's models, in the order in which they are asked. */
  readonly models: readonly NamedModel[];
  readonly asking: Asking;
  readonly prices?: PriceList | undefined;
  readonly conversation: Told;
  /** The contracts of the tools that policy left visible. */
  readonly tools: readonly ToolContract[];
  /** The number of the plan commit that this answers. */
  readonly basis: number;
  readonly runId: string;
  /** A budget is used up, so the model is asked for its answer alone; its tools stay in the prompt, which calls of before refer to. */
  readonly mayOnlyAnswer?: boolean;
  /** Where the run goes by a plan, how far it is. */
  readonly plan?: PlanStage | undefined;
}

/** A model's answer, or what there is in the place of one. */
interface ModelAnswer extends Answered {
  readonly record: ModelRecord;
  readonly requests: readonly ToolRequest[];
  readonly plan?: string;
}

/**
 * One step of the ReAct loop (Yao et al., 2022, arXiv:2210.03629): the model reads the conversation and either asks for
 * tools or answers. Tools have no `execute`: the model's wishes become a proposal, and nothing happens here.
 *
 * Calls that cannot be read become requests that policy refuses, so that the model is told; likewise what is no answer at all, when no
 * model gives a better one, so that it is in the log and counts in the budgets. Throws a HoldfastError: one of {@link modelErrorOf}, and
 * `model.garbled` when the answer breaks the contract's limits. Nothing of the prompt or the key is in it.
 */
export async function propose(options: ProposeOptions): Promise<Proposal> {
  const { agent, basis, asking } = options;
  const prompt = promptOf(agent, options.conversation, options.tools, options.plan);
  const tools: ToolSet = Object.fromEntries(prompt.tools.map((contract) => [contract.name, tool({ description: contract.description, inputSchema: jsonSchema(contract.input as Parameters<typeof jsonSchema>[0]) })]));
  const started = asking.clock();
  const { answer, by, tries } = await askInTurn(options.models, askOnce, asking);
  const { text, requests, plan, record } = answer;
  const proposed = proposalSchema.safeParse({
    basis,
    text,
    requests,
    ...(plan === undefined ? {} : { plan }),
    ...(requests.length === 0 && plan === undefined ? { answer: agent.outputSchema === undefined ? text : unfenced(text) } : {}),
    model: { ...record, promptDigest: prompt.digest, toolsShown: [...new Set([...Object.keys(tools), ...(options.plan?.toldOf ?? [])])].sort(), ...newContracts(options.tools, options.conversation), durationMs: asking.clock() - started, ...attemptsOf(tries, answer) },
  });
  if (proposed.success) return proposed.data;
  // The orchestrator would refuse it for ever; asked again, the model may keep within the limits.
  const fields = [...new Set(proposed.error.issues.map((issue) => issue.path.join('.')))].join(', ');
  throw new ModelError({ code: 'model.garbled', message: `The answer of the model "${by.name}" breaks the limits of a proposal in: ${fields}.`, retryable: true, remedy: 'The step is tried again; if it lasts, use another model.' });

  async function askOnce(asked: NamedModel, signal: AbortSignal): Promise<ModelAnswer> {
    const { model } = asked;
    const { name, provider } = namesOf(model);
    const attributes = { [ATTRIBUTE.operationName]: OPERATION.chat, [ATTRIBUTE.requestModel]: name, [ATTRIBUTE.providerName]: provider, [ATTRIBUTE.agentName]: agent.name, [ATTRIBUTE.conversationId]: options.runId };
    return withWorkSpan({ name: spanName.chat(name), kind: 'client', attributes }, async (span) => {
      const told = await generateText({ model, ...cached(provider, prompt, options.runId), tools, abortSignal: signal, maxRetries: 0, ...(options.mayOnlyAnswer === true ? { toolChoice: 'none' } : {}), ...agent.modelParameters }).catch((error: unknown) => {
        throw modelErrorOf(error, name, provider);
      });
      span.setAttributes({ [ATTRIBUTE.inputTokens]: told.usage.inputTokens, [ATTRIBUTE.outputTokens]: told.usage.outputTokens, [ATTRIBUTE.responseFinishReasons]: [told.finishReason] });
      const given = told.toolCalls.find(({ toolName }) => options.plan !== undefined && toolName === PLAN_TOOL);
      const wanted = requestsOf(told.toolCalls.filter((call) => call !== given), basis);
      const flaw = wanted.length === 0 && given === undefined ? flawOf(told) : undefined;
      const record = recordOf(asked, told, options.prices, agent.modelParameters);
      // Whoever is asked for a plan and writes a text has written it.
      if (flaw === undefined && given === undefined && wanted.length === 0 && options.plan?.stage === 'make') return { text: '', plan: planText(unfenced(told.text)), requests: [], record };
      const answered = { text: withinBounds(told.text), ...(given === undefined ? {} : { plan: planText(given.input) }), record };
      if (flaw === undefined) return { ...answered, requests: wanted };
      const unusable = new ModelError({ code: 'model.no-answer', message: `The model "${name}" of ${provider} gave no answer. ${flaw.problem}`, retryable: flaw.mayPass, remedy: 'The model is told; if it lasts, give it more tokens or look at the task\'s text.' });
      return { ...answered, requests: [callFor(basis, flaw)], unusable };
    });
  }
}

/** Models like to put JSON into a fence of Markdown. */
function unfenced(text: string): string {
  return /^\s*```(?:json)?\s*\n([^]*?)\n\s*```\s*$/.exec(text)?.[1] ?? text.trim();
}
