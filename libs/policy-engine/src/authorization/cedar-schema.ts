import type { SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs';
import { HoldfastError, type Catalog, type ToolContract } from '@holdfast/contracts';

/** The action group that every tool's action belongs to. */
export const CALL_GROUP = 'call';

const string = { type: 'String' } as const;
const strings = { type: 'Set', element: string } as const;
const long = { type: 'Long' } as const;
const boolean = { type: 'Boolean' } as const;
const record = (attributes: Record<string, Type<string> & { required?: boolean }>) => ({ type: 'Record' as const, attributes });

/** An argument that policies can read, and its Cedar type. */
export interface TypedArgument {
  readonly name: string;
  readonly type: 'String' | 'Long' | 'Boolean' | 'Set';
  readonly required: boolean;
}

/**
 * The arguments of a tool that Cedar can hold: strings, integers, truth values and lists of strings at the top level of
 * the input schema. Others are left out, and a policy that reads one is refused when the bundle is loaded.
 */
export function typedArguments(contract: ToolContract): readonly TypedArgument[] {
  const properties = asRecord(contract.input['properties']);
  const required = Array.isArray(contract.input['required']) ? contract.input['required'] : [];
  return Object.entries(properties).flatMap(([name, schema]) => {
    const type = cedarTypeOf(asRecord(schema));
    // Cedar's JSON form gives names such as "__entity" a meaning of their own.
    return type === undefined || name.startsWith('__') ? [] : [{ name, type, required: required.includes(name) }];
  });
}

/** The Cedar schema (https://docs.cedarpolicy.com/schema/json-schema.html) of a deployment, with one action per tool. */
export function cedarSchema(catalog: Catalog): SchemaJson<string> {
  const actions: SchemaJson<string>[string]['actions'] = { [CALL_GROUP]: {} };
  for (const tool of catalog.tools) {
    if (tool.name === CALL_GROUP) {
      throw new HoldfastError({ code: 'policy.reserved-tool-name', message: `No tool may be named "${CALL_GROUP}": policies use it for all tools.`, retryable: false, remedy: 'Rename the tool.' });
    }
    const args = Object.fromEntries(typedArguments(tool).map((argument) => [argument.name, { ...(argument.type === 'Set' ? strings : { type: argument.type }), required: argument.required }]));
    actions[tool.name] = {
      memberOf: [{ id: CALL_GROUP }],
      appliesTo: {
        principalTypes: ['Agent'],
        resourceTypes: ['Tool'],
        context: record({
          taskType: string, environment: string, trustTier: string, requester: string, effect: string,
          approved: boolean, approver: string, approverRoles: strings, amount: long, risk: long, arguments: record(args),
          untrustedSinks: strings, thirdPartySinks: strings, unprovenSinks: strings, untrustedTargets: strings, secretContent: strings, unasked: boolean,
          contentTrust: string, secrecy: string,
        }),
      },
    };
  }
  return {
    '': {
      entityTypes: {
        Agent: { shape: record({ name: string, trustTier: string }) },
        Tool: { shape: record({ name: string, adapter: string, effect: string, destructive: boolean }) },
      },
      actions,
    },
  };
}

function cedarTypeOf(schema: Readonly<Record<string, unknown>>): TypedArgument['type'] | undefined {
  const choices = 'const' in schema ? [schema['const']] : schema['enum'];
  if (Array.isArray(choices)) return choices.length > 0 && choices.every((choice) => typeof choice === 'string') ? 'String' : undefined;
  if (schema['type'] === 'string') return 'String';
  if (schema['type'] === 'integer') return 'Long';
  if (schema['type'] === 'boolean') return 'Boolean';
  return schema['type'] === 'array' && cedarTypeOf(asRecord(schema['items'])) === 'String' ? 'Set' : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
