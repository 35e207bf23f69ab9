import type { Tool as McpTool } from '@modelcontextprotocol/sdk/types.js';
import { HoldfastError, type ToolContract } from '@holdfast/contracts';
import { argumentsOf, defined, describedContract, sealContract, unmatchedRoles, type ContractFields } from '@holdfast/tool-sdk';
import type { McpServerOverlay, McpToolOverlay } from './overlay.js';

const COMMON = { adapter: 'default', timeoutMs: 30_000, retry: { attempts: 3, baseDelayMs: 200, maxDelayMs: 5_000 }, concurrency: 4 } as const;
const LONGEST_DESCRIPTION = 2_000;

/** What a tool without an output schema gives back: its content blocks, with binary content named by its digest. */
export const CONTENT_OUTPUT: Readonly<Record<string, unknown>> = {
  type: 'object', required: ['content'], additionalProperties: false,
  properties: {
    content: {
      type: 'array',
      items: {
        type: 'object', required: ['type'], additionalProperties: false,
        properties: { type: { type: 'string' }, text: { type: 'string' }, mimeType: { type: 'string' }, uri: { type: 'string' }, name: { type: 'string' }, bytes: { type: 'integer' }, sha256: { type: 'string' } },
      },
    },
  },
};

/** The name on our side of a server's tool. */
export function ownName(server: string, tool: string, given: McpToolOverlay): string {
  return given.name ?? `${server}_${tool}`.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
}

/**
 * The contracts of a server's listed tools, as the server has them and the operator qualifies them. Throws
 * `mcp.tool-invalid`, which names server, tool and what is wrong; with `isLenient`, for contracts that are only compared, tools
 * that the server lacks are left out, and what the overlay does not foresee becomes a difference.
 */
export function contractsOf(server: string, overlay: McpServerOverlay, present: readonly McpTool[], isLenient: boolean): readonly ToolContract[] {
  const taken = new Map<string, string>();
  return Object.entries(overlay.tools).flatMap(([name, given]) => {
    const own = ownName(server, name, given);
    const earlier = taken.get(own);
    if (earlier !== undefined) throw invalid(server, name, `it has the same name on our side, "${own}", as "${earlier}"`);
    taken.set(own, name);
    const found = present.find((one) => one.name === name);
    if (isLenient) return found === undefined ? [] : (describedContract(fieldsOf(server, overlay, found, given)) ?? []);
    if (found !== undefined) {
      checkRoles(server, found, given);
      return sealContract(fieldsOf(server, overlay, found, given));
    }
    throw invalid(server, name, `the server has no such tool; it has ${present.map((one) => one.name).slice(0, 30).join(', ') || 'none'}`);
  });
}

function fieldsOf(server: string, overlay: McpServerOverlay, found: McpTool, given: McpToolOverlay): ContractFields {
  const label = given.outputLabel ?? overlay.outputLabel;
  if (label === undefined) throw invalid(server, found.name, 'the overlay gives neither it nor the server an "outputLabel"');
  const { name: _name, operationKeyArgument: _key, errorsMean: _errorsMean, outputLabel: _label, ...options } = given;
  const description = given.description ?? found.description ?? found.title;
  if (description === undefined) throw invalid(server, found.name, 'neither the server nor the overlay describes it');
  return {
    ...COMMON, ...defined(options),
    name: ownName(server, found.name, given), effect: given.effect, identity: given.identity ?? [], roles: given.roles, description: description.slice(0, LONGEST_DESCRIPTION),
    input: inputOf(found, given), output: { ...(found.outputSchema ?? CONTENT_OUTPUT) }, outputLabel: { ...label, fields: label.fields ?? {} },
  };
}

/** An argument that the operator has not seen has no role, so none that the schema does not name is let through. */
function inputOf({ inputSchema }: McpTool, { operationKeyArgument }: McpToolOverlay): Record<string, unknown> {
  const { patternProperties: _pattern, ...schema } = inputSchema as Record<string, unknown>;
  return { ...(withoutArgument(schema, operationKeyArgument) ?? schema), additionalProperties: false };
}

function checkRoles(server: string, found: McpTool, given: McpToolOverlay): void {
  const { operationKeyArgument } = given;
  if (operationKeyArgument !== undefined && withoutArgument(found.inputSchema, operationKeyArgument) === undefined) throw invalid(server, found.name, `"operationKeyArgument" names "${operationKeyArgument}", which is no argument of the tool`);
  const input = inputOf(found, given);
  const { unjudged: [unjudged], idle: [idle] } = unmatchedRoles(input, given.roles);
  if (unjudged !== undefined) throw invalid(server, found.name, `its argument "${unjudged}" has no role in "roles"`);
  if (idle !== undefined) throw invalid(server, found.name, `there is a role for "${idle}", which is no argument; it has ${argumentsOf(input).join(', ') || 'none'}`);
}

/** The schema without one of its arguments; undefined when it has none of that name. */
function withoutArgument(schema: Readonly<Record<string, unknown>>, argument: string | undefined): Record<string, unknown> | undefined {
  const properties = (schema['properties'] ?? {}) as Record<string, unknown>;
  if (argument === undefined || !Object.hasOwn(properties, argument)) return undefined;
  const { [argument]: _own, ...rest } = properties;
  const required = Array.isArray(schema['required']) ? { required: schema['required'].filter((name) => name !== argument) } : {};
  return { ...schema, properties: rest, ...required };
}

function invalid(server: string, tool: string, reason: string): HoldfastError {
  return new HoldfastError({ code: 'mcp.tool-invalid', message: `The tool "${tool}" of the MCP server "${server}" cannot be used: ${reason}.`, retryable: false, remedy: 'Correct the overlay; docs/tools/mcp.md describes its form.' });
}
