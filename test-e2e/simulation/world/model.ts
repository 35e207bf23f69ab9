import type { LanguageModel, ModelMessage } from 'ai';
import { abortTool, startRunTool, waitSignalTool, waitTool, type Proposal } from '@holdfast/contracts';
import { ModelError, type ProposeOptions } from '@holdfast/planner/logic';
import type { Chance } from '../time/chance.ts';
import type { FaultPlan } from '../schedule/fault-plan.ts';
import type { PlannedCall, RunPlan, ToolName } from '../schedule/schedule.ts';
import { amountOf, operationName } from './catalogue.ts';

interface WantedCall {
  readonly requestId: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What a model that follows its script says next: calls, or that it is done. */
interface Said {
  readonly text: string;
  readonly calls: readonly WantedCall[];
}

/**
 * A model that follows the run's plan step by step, in other words each time it is asked: two planners that are asked
 * about the same step propose differently, as real ones do. Now and then it stays silent, fails, or invents a call.
 */
export class ScriptedModel {
  private readonly plans: ReadonlyMap<string, RunPlan>;
  private readonly faults: FaultPlan;
  private readonly chance: Chance;

  constructor(plans: ReadonlyMap<string, RunPlan>, faults: FaultPlan, chance: Chance) {
    this.plans = plans;
    this.faults = faults;
    this.chance = chance;
  }

  /** Asked without the AI SDK between. */
  readonly propose = async ({ conversation: { messages }, tools, basis, asking, agent }: ProposeOptions): Promise<Proposal> => {
    const said = await this.answer(goalIn(messages), messages.filter((message) => message.role === 'assistant').length, AbortSignal.any([asking.stopping, AbortSignal.timeout(asking.timeoutMs)]));
    return {
      basis, text: said.text, requests: said.calls.map((call) => ({ ...call, arguments: { ...call.arguments } })), ...(said.calls.length === 0 ? { answer: said.text } : {}),
      model: { name: agent.model ?? 'none', provider: 'simulation', promptDigest: '0'.repeat(64), toolsShown: tools.map((tool) => tool.name).sort(), inputTokens: 1, outputTokens: 1, finishReason: 'stop', durationMs: 0 },
    };
  };

  /** The same model as the AI SDK sees it. */
  get asLanguageModel(): LanguageModel {
    const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };
    return {
      specificationVersion: 'v4', provider: 'simulation', modelId: 'scripted', supportedUrls: {},
      doGenerate: async ({ prompt, abortSignal }: { prompt: readonly ModelMessage[]; abortSignal?: AbortSignal }) => {
        const said = await this.answer(goalIn(prompt), prompt.filter((message) => message.role === 'assistant').length, abortSignal);
        const calls = said.calls.map((call) => ({ type: 'tool-call', toolCallId: call.requestId, toolName: call.tool, input: JSON.stringify(call.arguments) }));
        return { content: [{ type: 'text', text: said.text }, ...calls], finishReason: { unified: calls.length === 0 ? 'stop' : 'tool-calls', raw: 'stop' }, usage, warnings: [] };
      },
    } as unknown as LanguageModel;
  }

  private async answer(goal: string, step: number, signal: AbortSignal | undefined): Promise<Said> {
    const fault = this.faults.next<'model'>('model')[0]?.how;
    await new Promise((resolve) => setTimeout(resolve, 2 + this.chance.next() * 50));
    if (fault === 'error') throw new ModelError({ code: 'model.unavailable', message: 'The scripted model failed.', retryable: true, remedy: 'The step is tried again.' });
    if (fault === 'time-out') {
      await new Promise<void>((resolve) => (signal?.aborted === true ? resolve() : signal?.addEventListener('abort', () => resolve())));
      throw new ModelError({ code: 'model.timeout', message: 'The scripted model did not answer in time.', retryable: true, remedy: 'Wait.' });
    }
    const planned = (this.plans.get(goal)?.steps ?? childSteps(goal))[step] ?? [];
    const wanted: readonly PlannedCall[] = fault === 'invents' ? [...planned, { tool: 'wire', operation: this.chance.below(6) }] : planned;
    const calls = wanted.map((call, index): WantedCall => ({ requestId: `request-${step}-${index}`, ...wordsOf(call) }));
    return { text: `Step ${step}, in words of chance ${Math.floor(this.chance.next() * 1e9)}.`, calls };
  }
}

/** The call as the tool's contract wants it. */
function wordsOf({ tool, operation }: PlannedCall): Pick<WantedCall, 'tool' | 'arguments'> {
  const order = { operation: operationName(operation), amountCents: amountOf(operation) };
  switch (tool) {
    case 'rest': return { tool: waitTool.name, arguments: { seconds: 1 } };
    case 'listen': return { tool: waitSignalTool.name, arguments: { name: 'note', timeoutSeconds: 2 } };
    case 'give-up': return { tool: abortTool.name, arguments: { reason: `Step ${operation} is too much.` } };
    case 'delegate': return { tool: startRunTool.name, arguments: { type: 'patient', goal: `child ${operation}`, input: { amounts: [order] } } };
    default: return { tool, arguments: order };
  }
}

const CHILD_TOOLS: readonly ToolName[] = ['look', 'pay', 'ship', 'wire'];

/** A run that another started carries out one operation. */
function childSteps(goal: string): RunPlan['steps'] {
  const operation = /^child (\d)$/.exec(goal)?.[1];
  return operation === undefined ? [] : [[{ tool: CHILD_TOOLS[Number(operation) % CHILD_TOOLS.length] ?? 'look', operation: Number(operation) }]];
}

/** The task's goal, which names the run's plan. */
function goalIn(messages: readonly ModelMessage[]): string {
  const first = messages.find((message) => message.role === 'user')?.content;
  const text = typeof first === 'string' ? first : first?.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? '';
  return /"goal": "([^"]*)"/.exec(text)?.[1] ?? '';
}
