import type { AgentDeclaration } from '@holdfast/contracts';
import { compileCheck } from '@holdfast/json-schema';

/** What is wrong with a declaration beyond the form of its fields: the field, and a sentence. */
export interface AgentFault {
  readonly field: string;
  readonly message: string;
}

/** Finds what is wrong in what an agent's fields say together, and in its output schema. */
export function faultsOfAgent(agent: AgentDeclaration): readonly AgentFault[] {
  const faults: AgentFault[] = [];
  for (const field of ['taskTypes', 'tools', 'toolsOnRequest', 'fallbacks', 'memoryScopes'] as const) {
    const entries = agent[field] ?? [];
    const twice = entries.find((entry, at) => entries.indexOf(entry) !== at);
    if (twice !== undefined) faults.push({ field, message: `names "${twice}" twice` });
  }
  const both = agent.toolsOnRequest?.find((tool) => agent.tools.includes(tool));
  if (both !== undefined) faults.push({ field: 'toolsOnRequest', message: `names "${both}", which is among its tools already` });
  if (agent.model === undefined && agent.fallbacks !== undefined) faults.push({ field: 'fallbacks', message: 'stand in for a model, and it names none' });
  if (agent.model !== undefined && agent.fallbacks?.includes(agent.model) === true) faults.push({ field: 'fallbacks', message: `names "${agent.model}", which is its model already` });
  if ((agent.strategy === 'external') !== (agent.reasoner !== undefined)) faults.push({ field: 'reasoner', message: 'goes with the strategy "external": it needs both or neither' });
  if (agent.model === undefined && agent.strategy !== 'external') faults.push({ field: 'model', message: 'is missing: only an agent with the strategy "external" does without' });
  const strange = Object.keys(agent.budgets.tools ?? {}).find((tool) => ![...agent.tools, ...(agent.toolsOnRequest ?? [])].includes(tool));
  if (strange !== undefined) faults.push({ field: 'budgets.tools', message: `limits "${strange}", which is none of its tools` });
  if (agent.outputSchema !== undefined) {
    try {
      compileCheck(agent.outputSchema, 'the final answer');
    } catch (error) {
      faults.push({ field: 'outputSchema', message: error instanceof Error ? error.message : String(error) });
    }
  }
  return faults;
}
