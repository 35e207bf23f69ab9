import { sharedScopes } from '@holdfast/contracts';
import type { CallContext } from '../tools/call-context.js';
import { ToolError } from '../tools/tool-error.js';

/**
 * The scopes of a tool in which this call may work. Policy has found which the run may work with and signed them into the permit;
 * an argument cannot name any. Throws `memory.scope-forbidden` where none is left, also for a permit that says nothing of scopes.
 */
export function permittedScopes(own: readonly string[], { memoryScopes }: Pick<CallContext, 'memoryScopes'>): string[] {
  const permitted = sharedScopes(own, memoryScopes);
  if (permitted.length > 0) return permitted;
  throw ToolError.refused({
    code: 'memory.scope-forbidden', message: `The call has no permit to work in memory in ${own.join(', ')}.`,
    remedy: 'Name the scope among the memoryScopes of the agent; if it is there, bring policy and tool adapters to the same release.',
  });
}
