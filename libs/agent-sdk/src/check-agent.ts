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
  if (agent.fallbacks?.includes(agent.model) === true) faults.push({ field: 'fallbacks', message: `names "${agent.model}", which is its model already` });
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
