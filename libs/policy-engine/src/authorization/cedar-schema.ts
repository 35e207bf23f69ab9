import type { SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs';
import { HoldfastError, type Catalog } from '@holdfast/contracts';
import { CONTEXT_MEMBERS } from './context-members.js';
import { inputTypeOf, schemaTypeOf } from './input-types.js';

/** The action group that every tool's action belongs to. */
export const CALL_GROUP = 'call';

const string = { type: 'String' } as const;
const record = (attributes: Record<string, Type<string> & { required?: boolean }>) => ({ type: 'Record' as const, attributes });

/**
 * The Cedar schema (https://docs.cedarpolicy.com/schema/json-schema.html) of a deployment, with one action per tool of the tool's
 * own name. The principal is the agent, in the version that the run was accepted with, acting for a user who has roles.
 */
export function cedarSchema(catalog: Catalog): SchemaJson<string> {
  const actions: SchemaJson<string>[string]['actions'] = { [CALL_GROUP]: {} };
  const members = Object.fromEntries(Object.entries(CONTEXT_MEMBERS).map(([name, { type }]) => [name, type]));
  for (const tool of catalog.tools) {
    if (tool.name === CALL_GROUP) {
      throw new HoldfastError({ code: 'policy.reserved-tool-name', message: `No tool may be named "${CALL_GROUP}": policies use it for all tools.`, retryable: false, remedy: 'Rename the tool.' });
    }
    actions[tool.name] = {
      memberOf: [{ id: CALL_GROUP }],
      appliesTo: { principalTypes: ['Agent'], resourceTypes: ['Tool'], context: record({ ...members, input: schemaTypeOf(inputTypeOf(tool)) }) },
    };
  }
  return {
    '': {
      entityTypes: {
        Role: {},
        User: { memberOfTypes: ['Role'] },
        Agent: { shape: record({ name: string, version: string, trustTier: string, actsFor: { type: 'Entity', name: 'User' } }) },
        Tool: { shape: record({ name: string, adapter: string, effect: string, destructive: { type: 'Boolean' } }) },
      },
      actions,
    },
  };
}
