import type { LanguageModel } from 'ai';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { callHttp, contractOf, defineTool, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';

/** The loop that other runtimes were measured on: an instant model asks for one instant tool, again and again. */
type Model = Exclude<LanguageModel, string>;
type Call = Parameters<Extract<Model, { specificationVersion: 'v4' }>['doGenerate']>[0];

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };

/** Asks once for each step that the task wants, and then answers. */
function decideNext(prompt: Call['prompt']) {
  if (!prompt.some((message) => message.role === 'user' && message.content.some((part) => part.type === 'text' && part.text.startsWith('{\n "goal"')))) return { content: [{ type: 'text' as const, text: 'Operations were counted, each once.' }], finishReason: { unified: 'stop' as const, raw: 'stop' }, usage, warnings: [] };
  const task = prompt.find((message) => message.role === 'user')?.content[0];
  const { run, steps, tool } = JSON.parse(task?.type === 'text' ? task.text : '{}') as { run: string; steps: number; tool: string };
  // The number is in the last call's own id, since the window of the conversation leaves earlier steps out.
  const last = prompt.findLast((message) => message.role === 'tool')?.content[0];
  const done = last?.type === 'tool-result' ? Number(last.toolCallId.slice('call-'.length)) : 0;
  const next = tool === 'study-and-count' ? (['study', 'count'] as const)[done % 2] : tool;
  return done >= steps
    ? { content: [{ type: 'text' as const, text: 'done' }], finishReason: { unified: 'stop' as const, raw: 'stop' }, usage, warnings: [] }
    : { content: [{ type: 'tool-call' as const, toolCallId: `call-${done + 1}`, toolName: next, input: JSON.stringify({ operation: `${run}-${done + 1}` }) }], finishReason: { unified: 'tool-calls' as const, raw: 'tool_calls' }, usage, warnings: [] };
}

const instantModel = {
  specificationVersion: 'v4' as const, provider: 'bench', modelId: 'instant', supportedUrls: {},
  doGenerate: async ({ prompt }: Call) => decideNext(prompt),
} as unknown as LanguageModel;

/** A conversation that grows without end is the model's cost and not the runtime's, so a long run is measured within a fixed window. */
const CONTEXT_TOKENS = 2_000;

export const agents: AgentModule['agents'] = [
  defineAgent({ name: 'bench', instructions: 'Do it.', model: 'instant', taskTypes: ['com.example.bench'], tools: ['count', 'study', 'pay', 'book', 'hold'], trustTier: 'trusted', inputTrust: { goal: 'user', input: 'user' }, budgets: { maxSteps: 10_000, contextTokens: CONTEXT_TOKENS } }),
];
export const models: AgentModule['models'] = { instant: () => instantModel };

const counted = z.object({ times: z.int() });
const limits = { timeoutMs: 2_000, retry: { attempts: 5, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 256 };
const input = z.strictObject({ operation: z.string() });
// Nobody reads what is counted, so no part of the requester's is needed in it.
const common = {
  ...limits, confined: true as const, input, output: counted, identity: ['operation'] as const, roles: { operation: 'content' as const },
  outputLabel: { trust: 'organisation' as const, secrecy: 'internal' as const },
};
const calls = new Map<string, number>();

/** Instant, and in the worker's own memory, which a kill forgets. */
const count = defineTool({
  ...common, name: 'count', description: 'Counts an operation.', effect: 'keyed',
  execute: async ({ operation }) => {
    const times = (calls.get(operation) ?? 0) + 1;
    calls.set(operation, times);
    return { times };
  },
});

const WORDS = 'account agreed amount answer approve archive balance branch budget carrier channel charge clause client confirm contract courier credit customs damage deliver deposit discount dispute driver exchange export freight harbour invoice journey ledger license margin market notice office order parcel partner payment permit pledge price produce profit quarter receipt record refund region report request reserve return review route sample season settle ship signal stock supply survey tariff terms trade transit vendor vessel voyage warehouse'.split(' ');

/** What an outsider wrote on a page: some 450 characters, of which no two pages have the same. */
function pageOf(operation: string): string {
  let seed = [...operation].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 7);
  const word = (): string => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return WORDS[(seed >>> 8) % WORDS.length] ?? '';
  };
  return `${operation.toUpperCase()}: ${Array.from({ length: 55 }, word).join(' ')} REF-${seed} ${seed % 97_003}.`.slice(0, 450);
}

/** Looks something up that nobody vouches for, and reads what an outsider wrote, beside what the system of record sets itself. */
const study = defineTool({
  ...limits, input, name: 'study', description: 'Reads a page.', effect: 'read', roles: { operation: 'target' as const },
  output: z.object({ page: z.string(), title: z.string(), text: z.string() }),
  outputLabel: { trust: 'organisation' as const, secrecy: 'internal' as const, fields: { text: { trust: 'third-party' as const } } },
  execute: async ({ operation }) => ({ page: `page-of-${operation}`, title: `What ${operation} is about`, text: pageOf(operation) }),
});

/** Never executed: policy asks a person first, and so the run waits. */
const hold = defineTool({ ...common, name: 'hold', description: 'Waits for a person.', effect: 'keyed', execute: async () => ({ times: 1 }) });

/** Effects in the separate world of `world.ts`, which counts for itself. */
function worldTools(world: URL): readonly Tool[] {
  const act = async (path: string, operation: string, context: Parameters<typeof callHttp>[0], keyed: boolean): Promise<z.input<typeof counted>> =>
    (await callHttp<z.input<typeof counted>>(context, { method: 'POST', url: new URL(path, world), body: { operation }, idempotencyKey: keyed })).body;
  return [
    defineTool({ ...common, name: 'pay', description: 'Acts in a world that honours keys.', effect: 'keyed', execute: ({ operation }, context) => act('/pay', operation, context, true) }),
    defineTool({
      ...common, name: 'book', description: 'Acts in a world that knows no keys and can be asked.', effect: 'reconcilable',
      execute: ({ operation }, context) => act('/book', operation, context, false),
      reconcile: async ({ operation }, context) => {
        const { body } = await callHttp<{ times: number }>(context, { method: 'GET', url: new URL(`/book/${encodeURIComponent(operation)}`, world) });
        return body.times === 0 ? { status: 'not-done' } : { status: 'done', result: { times: body.times } };
      },
    }),
  ];
}

const allTools = (world: URL): readonly Tool[] => [count, study, hold, ...worldTools(world)];

export const tools: ToolModule['tools'] = ({ variables }) => allTools(new URL(variables['BENCH_WORLD_URL'] ?? 'http://world.invalid'));
export const contracts: ToolModule['contracts'] = allTools(new URL('http://world.invalid')).map((tool) => contractOf(tool));
