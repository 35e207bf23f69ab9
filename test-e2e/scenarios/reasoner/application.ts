import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';

const common = { strategy: 'external', instructions: 'Order what the task names.', tools: ['order'], trustTier: 'trusted', inputTrust: { goal: 'user' }, budgets: { maxSteps: 6 } } as const;

/** Agents without a model: one is planned for by the LangGraph example, one by a process that lies, and one by nobody. */
export const agents: AgentModule['agents'] = [
  defineAgent({ ...common, tools: [...common.tools], name: 'graph', reasoner: 'langgraph', taskTypes: ['com.example.order'] }),
  defineAgent({ ...common, tools: [...common.tools], name: 'lied-to', reasoner: 'liar', taskTypes: ['com.example.lies'] }),
  defineAgent({ ...common, tools: [...common.tools], name: 'orphan', reasoner: 'nobody', taskTypes: ['com.example.orphan'], budgets: { maxSteps: 6, deadlineSeconds: 5 } }),
];

export { contracts, tools } from '../planner-kills/application.ts';
