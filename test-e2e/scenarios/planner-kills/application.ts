import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { callHttp, contractOf, defineTool, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';

/** An agent whose model is a real HTTP server, and whose one tool orders at another. */
export const agents: AgentModule['agents'] = [
  defineAgent({ name: 'orderer', instructions: 'Order what the task names.', model: 'compatible/counted', taskTypes: ['com.example.order'], tools: ['order'], trustTier: 'trusted', inputTrust: { goal: 'user' } }),
];

const orderAt = (shop: URL): Tool => defineTool({
  name: 'order', description: 'Orders something.', effect: 'keyed', identity: ['reference'], confined: true,
  input: z.strictObject({ reference: z.string() }), output: z.object({ reference: z.string() }), roles: { reference: 'content' },
  outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 2_000, retry: { attempts: 5, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 8,
  execute: async (order, context) => (await callHttp<{ reference: string }>(context, { method: 'POST', url: new URL('/orders', shop), body: order, idempotencyKey: true })).body,
});

export const tools: ToolModule['tools'] = ({ variables }) => [orderAt(new URL(variables['SHOP_URL'] ?? 'http://shop.invalid'))];
export const contracts: ToolModule['contracts'] = [contractOf(orderAt(new URL('http://shop.invalid')))];
