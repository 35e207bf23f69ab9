import type { AgentDeclaration } from '@holdfast/contracts';
import type { Agents } from './agents.js';
import { choose } from './choose.js';

/** The agents of a catalogue alone: each in the version that it declares, which takes all tasks. For installations without a registry, and for specifications. */
export function declaredAgents(declared: readonly AgentDeclaration[]): Agents {
  return {
    find: async ({ name, digest }) => declared.find((agent) => agent.name === name && agent.digest === digest),
    revocation: () => undefined,
    isOffered: (name) => declared.some((agent) => agent.name === name),
    choose: async (wanted, key) => choose(sharesOf(declared, wanted), key, 'type' in wanted ? wanted.type : undefined),
  };
}

/** Where several take tasks of one type, the one that is declared last does. */
function sharesOf(declared: readonly AgentDeclaration[], wanted: Parameters<Agents['choose']>[0]) {
  return declared.filter(({ name }) => !('name' in wanted) || wanted.name === name).toReversed()
    .map((agent) => [{ version: { name: agent.name, digest: agent.digest }, weight: 1, agent, isRevoked: false }]);
}
