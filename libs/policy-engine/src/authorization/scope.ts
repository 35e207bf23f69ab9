import { sharedScopes, type AgentDeclaration, type Task, type ToolContract } from '@holdfast/contracts';

/**
 * The tools that an agent may use for a task: its own, or those of the task's scope alone, with which come the ones that it has on request.
 * Whoever gives the task sets the scope, before anything is read, and nothing that a run reads or says can widen it.
 */
export function toolsInScope({ tools, toolsOnRequest = [] }: Pick<AgentDeclaration, 'tools' | 'toolsOnRequest'>, scope: Task['scope']): readonly string[] {
  return scope === undefined ? tools : [...new Set([...tools, ...toolsOnRequest])].filter((name) => scope.includes(name));
}

/** True for a tool of memory that could work in none of its scopes in this run, whoever asks for it and with whatever arguments. */
export function isOutsideMemory(contract: ToolContract, memoryScopes: readonly string[] | undefined): boolean {
  return contract.memoryScopes !== undefined && sharedScopes(contract.memoryScopes, memoryScopes).length === 0;
}
