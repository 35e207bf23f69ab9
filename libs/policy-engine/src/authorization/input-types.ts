import type { CedarValueJson, Type } from '@cedar-policy/cedar-wasm/nodejs';
import type { ToolContract } from '@holdfast/contracts';

/** The Cedar type of a value in a call's arguments. */
export type InputType =
  | { readonly type: 'String' | 'Long' | 'Boolean' }
  | { readonly type: 'Set'; readonly element: InputType }
  | { readonly type: 'Record'; readonly attributes: Readonly<Record<string, InputType & { readonly required: boolean }>> };

/** Deeper members are left out; no contract that people read goes so deep. */
const DEEPEST = 8;

/**
 * What of a tool's arguments Cedar can hold, as `context.input`: strings, integers, truth values, lists of one type, and objects of
 * these, nested as Cedar's MCP schema generator (cedar-policy/cedar-for-agents) nests them, which has more types (docs/policies.md). Others are left
 * out, and a policy that reads one is refused when the bundle is loaded.
 */
export function inputTypeOf(contract: Pick<ToolContract, 'input'>): InputType & { readonly type: 'Record' } {
  const type = typeOf({ ...contract.input, type: 'object' }, 0);
  return type?.type === 'Record' ? type : { type: 'Record', attributes: {} };
}

function typeOf(schema: Readonly<Record<string, unknown>>, depth: number): InputType | undefined {
  if (depth > DEEPEST) return undefined;
  const choices = 'const' in schema ? [schema['const']] : schema['enum'];
  if (Array.isArray(choices)) return choices.length > 0 && choices.every((choice) => typeof choice === 'string') ? { type: 'String' } : undefined;
  switch (schema['type']) {
    case 'string': return { type: 'String' };
    case 'integer': return { type: 'Long' };
    case 'boolean': return { type: 'Boolean' };
    case 'array': {
      const element = typeOf(asRecord(schema['items']), depth + 1);
      return element === undefined ? undefined : { type: 'Set', element };
    }
    case 'object': {
      const required = Array.isArray(schema['required']) ? schema['required'] : [];
      const members = Object.entries(asRecord(schema['properties'])).flatMap(([name, member]) => {
        const type = typeOf(asRecord(member), depth + 1);
        // Cedar's JSON form gives names such as "__entity" a meaning of their own, at any depth.
        return type === undefined || name.startsWith('__') ? [] : [[name, { ...type, required: required.includes(name) }] as const];
      });
      return { type: 'Record', attributes: Object.fromEntries(members) };
    }
    default: return undefined;
  }
}

/** A type in the JSON form of Cedar's schemas. */
export function schemaTypeOf(type: InputType): Type<string> {
  if (type.type === 'Set') return { type: 'Set', element: schemaTypeOf(type.element) };
  if (type.type !== 'Record') return { type: type.type };
  return { type: 'Record', attributes: Object.fromEntries(Object.entries(type.attributes).map(([name, { required, ...member }]) => [name, { ...schemaTypeOf(member as InputType), required }])) };
}

/** What of a value has the type; the contract's check has found that what the type names is of it. */
export function valueOfType(type: InputType, value: unknown): CedarValueJson {
  if (type.type === 'Set') return Array.isArray(value) ? value.map((item) => valueOfType(type.element, item)) : [];
  if (type.type !== 'Record') return value as CedarValueJson;
  const given = asRecord(value);
  return Object.fromEntries(Object.entries(type.attributes).flatMap(([name, member]) => (Object.hasOwn(given, name) && given[name] !== undefined ? [[name, valueOfType(member, given[name])]] : [])));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
