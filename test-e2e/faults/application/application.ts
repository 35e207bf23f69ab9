import type { LanguageModel } from 'ai';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { HoldfastError } from '@holdfast/contracts';
import { ToolError, callHttp, contractOf, defineTool, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { TASK_TYPE, TOOL_OF, type Script } from './scripts.ts';

/** What the chaos runs deploy: an instant model that follows the task's script, and a tool of each effect class. */
type Model = Exclude<LanguageModel, string>;
type Prompt = Parameters<Extract<Model, { specificationVersion: 'v4' }>['doGenerate']>[0]['prompt'];

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };

/** The next step of the script, whatever became of the last one; so what a run asks for depends on its task alone. */
function decideNext(prompt: Prompt) {
  const task = prompt.find((message) => message.role === 'user')?.content[0];
  const { script } = JSON.parse(task?.type === 'text' ? task.text : '{}') as { script: Script };
  const done = prompt.filter((message) => message.role === 'assistant').length;
  const step = script[done];
  if (step === undefined) return { content: [{ type: 'text' as const, text: 'done' }], finishReason: { unified: 'stop' as const, raw: 'stop' }, usage, warnings: [] };
  const content = step.map(({ tool, operation, amount }, index) => ({
    type: 'tool-call' as const, toolCallId: `call-${done + 1}-${index + 1}`, toolName: tool, input: JSON.stringify(tool === TOOL_OF.keyed ? { operation, amount } : { operation }),
  }));
  return { content, finishReason: { unified: 'tool-calls' as const, raw: 'tool_calls' }, usage, warnings: [] };
}

const scripted = {
  specificationVersion: 'v4' as const, provider: 'chaos', modelId: 'scripted', supportedUrls: {},
  doGenerate: async ({ prompt }: { readonly prompt: Prompt }) => decideNext(prompt),
} as unknown as LanguageModel;

export const agents: AgentModule['agents'] = [
  defineAgent({ name: 'chaos', instructions: 'Follow the script.', model: 'scripted', taskTypes: [TASK_TYPE], tools: Object.values(TOOL_OF), trustTier: 'trusted', inputTrust: { 'input.script': 'user' }, budgets: { maxSteps: 100 } }),
];
export const models: AgentModule['models'] = { scripted: () => scripted };

const operation = z.string().min(1).max(100);
const done = z.object({ operation: z.string() });
const seen = z.object({ effects: z.int() });
const common = {
  outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 1_000, retry: { attempts: 5, baseDelayMs: 50, maxDelayMs: 400 }, concurrency: 64,
} as const;

function toolsOf(world: URL): readonly Tool[] {
  const post = async (context: Parameters<Tool['execute']>[1], path: string, body: { readonly operation: string }, idempotencyKey = false) =>
    (await callHttp<z.input<typeof done>>(context, { method: 'POST', url: new URL(path, world), body, idempotencyKey })).body;
  const look = async (context: Parameters<Tool['execute']>[1], kind: string, name: string): Promise<z.infer<typeof seen>> => {
    const parsed = seen.safeParse((await callHttp(context, { method: 'GET', url: new URL(`/effects/${kind}/${encodeURIComponent(name)}`, world) })).body);
    if (!parsed.success) throw ToolError.unknown({ message: `The world's answer about ${name} cannot be read.` });
    return parsed.data;
  };
  return [
    defineTool({
      ...common, name: TOOL_OF.read, description: 'Looks a record up.', effect: 'read', input: z.strictObject({ operation }), output: seen, roles: { operation: 'content' },
      execute: (args, context) => look(context, 'records', args.operation),
    }),
    defineTool({
      ...common, name: TOOL_OF.idempotent, description: 'Writes a record.', effect: 'idempotent', identity: ['operation'], input: z.strictObject({ operation }), output: done, roles: { operation: 'content' },
      execute: (args, context) => post(context, '/records', args),
    }),
    defineTool({
      ...common, name: TOOL_OF.keyed, description: 'Pays.', effect: 'keyed', identity: ['operation'], amountArgument: 'amount', input: z.strictObject({ operation, amount: z.int().positive() }), output: done, roles: { operation: 'content', amount: 'content' },
      execute: (args, context) => post(context, '/payments', args, true),
    }),
    defineTool({
      ...common, name: TOOL_OF.reconcilable, description: 'Sends a mail.', effect: 'reconcilable', identity: ['operation'], input: z.strictObject({ operation }), output: done, roles: { operation: 'content' },
      execute: (args, context) => post(context, '/mails', args),
      reconcile: async (args, context) => ((await look(context, 'mails', args.operation)).effects > 0 ? { status: 'done', result: args } : { status: 'not-done' }),
    }),
    defineTool({
      ...common, name: TOOL_OF['at-most-once'], description: 'Sounds a siren, which nobody can take back or ask about.', effect: 'at-most-once', identity: ['operation'], input: z.strictObject({ operation }), output: done, roles: { operation: 'content' },
      execute: (args, context) => post(context, '/sirens', args),
    }),
  ];
}

/** Reads CHAOS_WORLD_URL; throws `settings.invalid` when it is missing. */
export const tools: ToolModule['tools'] = ({ variables }) => {
  const world = URL.parse(variables['CHAOS_WORLD_URL'] ?? '');
  if (world === null) throw new HoldfastError({ code: 'settings.invalid', message: 'CHAOS_WORLD_URL is no address.', retryable: false, remedy: 'Start the tools through `npm run chaos`.' });
  return toolsOf(world);
};
export const contracts: ToolModule['contracts'] = toolsOf(new URL('http://world.invalid')).map(contractOf);
