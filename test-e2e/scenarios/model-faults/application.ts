import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { contractOf, defineTool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { FAULTS, modelOf } from './faults.ts';

/** For each fault an agent with models of its own, so that what one provider says of itself concerns no other. */
export const agents: AgentModule['agents'] = Object.entries(FAULTS).map(([name, { replies, deadlineSeconds = 120 }]) => defineAgent({
  name, instructions: 'Order what the task names.', model: `compatible/${modelOf(name, 0)}`, ...(replies[1] === undefined ? {} : { fallbacks: [`compatible/${modelOf(name, 1)}`] }),
  taskTypes: [`com.example.${name}`], tools: ['order'], trustTier: 'trusted', inputTrust: { goal: 'user' }, budgets: { maxSteps: 12, deadlineSeconds, approvalSeconds: 60 },
}));

const order = defineTool({
  name: 'order', description: 'Orders something.', effect: 'keyed', identity: ['reference'], confined: true,
  input: z.strictObject({ reference: z.string() }), output: z.object({ reference: z.string() }), roles: { reference: 'content' },
  outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 2_000, retry: { attempts: 5, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 8,
  execute: async ({ reference }) => ({ reference }),
});

export const tools: ToolModule['tools'] = () => [order];
export const contracts: ToolModule['contracts'] = [contractOf(order)];
