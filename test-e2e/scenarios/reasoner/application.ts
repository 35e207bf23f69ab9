import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { callHttp, contractOf, defineTool, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';

const common = { strategy: 'external', instructions: 'Order what the task names.', tools: ['order'], trustTier: 'trusted', inputTrust: { goal: 'user' }, budgets: { maxSteps: 6 } } as const;

/** Agents without a model: one is planned for by the LangGraph example, one by a process that lies, and one by nobody. */
export const agents: AgentModule['agents'] = [
  defineAgent({ ...common, tools: [...common.tools], name: 'graph', reasoner: 'langgraph', taskTypes: ['com.example.order'] }),
  defineAgent({ ...common, tools: [...common.tools], name: 'lied-to', reasoner: 'liar', taskTypes: ['com.example.lies'] }),
  defineAgent({ ...common, tools: [...common.tools], name: 'orphan', reasoner: 'nobody', taskTypes: ['com.example.orphan'], budgets: { maxSteps: 6, deadlineSeconds: 5 } }),
];

const orderAt = (shop: URL): Tool => defineTool({
  name: 'order', description: 'Orders something.', effect: 'keyed', identity: ['reference'], confined: true,
  input: z.strictObject({ reference: z.string() }), output: z.object({ reference: z.string() }), roles: { reference: 'content' },
  outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 2_000, retry: { attempts: 5, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 8,
  execute: async (order, context) => (await callHttp<{ reference: string }>(context, { method: 'POST', url: new URL('/orders', shop), body: order, idempotencyKey: true })).body,
});

export const tools: ToolModule['tools'] = ({ variables }) => [orderAt(new URL(variables['SHOP_URL'] ?? 'http://shop.invalid'))];
export const contracts: ToolModule['contracts'] = [contractOf(orderAt(new URL('http://shop.invalid')))];
