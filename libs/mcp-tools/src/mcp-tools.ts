import { HoldfastError, canonicalJson, type ToolContract } from '@holdfast/contracts';
import { silentLog, toolFromContract, type Tool, type ToolLog, type ToolSet } from '@holdfast/tool-sdk';
import { McpConnection } from './connection.js';
import { CONTENT_OUTPUT, contractsOf, ownName } from './contracts.js';
import type { McpOverlay, McpToolOverlay } from './overlay.js';
import { contentOf, failureIn, toToolError } from './results.js';

/** The operation key in a call's `_meta`; a server that knows it can collapse repetitions by it. */
export const OPERATION_KEY_META = 'holdfast/operation-key';

export interface McpToolsSettings {
  readonly overlay: McpOverlay;
  /** The contracts that were accepted: what {@link snapshotMcp} gave when the operator pinned them. */
  readonly contracts: readonly ToolContract[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly log?: ToolLog;
}

/**
 * Asks the servers for their tools and gives the contracts of those that the overlay lists, to be written down and pinned:
 * from then on a server cannot change what a tool is, nor what the model reads about it. Throws `mcp.tool-invalid` and
 * what connecting throws.
 */
export async function snapshotMcp(overlay: McpOverlay, variables: McpToolsSettings['variables'], log: ToolLog = silentLog): Promise<readonly ToolContract[]> {
  const all = await Promise.all(Object.entries(overlay.servers).map(async ([name, server]) => {
    const connection = new McpConnection({ name, server, variables, log });
    try {
      return contractsOf(name, server, await connection.list(), false);
    } finally {
      await connection.close();
    }
  }));
  return all.flat();
}

/** The listed tools of MCP servers, under their pinned contracts. Servers are connected at the first call. Throws `mcp.not-pinned`. */
export function mcpTools({ overlay, contracts, variables, log = silentLog }: McpToolsSettings): ToolSet {
  const pinned = new Map(contracts.map((contract) => [contract.name, contract]));
  const connections = Object.entries(overlay.servers).map(([name, server]) => ({ name, server, connection: new McpConnection({ name, server, variables, log }) }));
  return {
    tools: connections.flatMap(({ name, server, connection }) => Object.entries(server.tools).map(([tool, given]) => {
      const own = ownName(name, tool, given);
      const contract = pinned.get(own);
      if (contract === undefined) throw new HoldfastError({ code: 'mcp.not-pinned', message: `The tool "${tool}" of the MCP server "${name}" has no pinned contract "${own}".`, retryable: false, remedy: 'Take a snapshot of the servers and check the file in.' });
      return toolOf(contract, tool, given, connection);
    })),
    sources: connections.map(({ name, server, connection }) => ({
      name: `the MCP server "${name}"`,
      tools: Object.entries(server.tools).map(([tool, given]) => ownName(name, tool, given)),
      describe: async () => contractsOf(name, server, await connection.list(), true),
      onChange: (listener: () => void) => connection.onChange(listener),
    })),
    close: async () => void (await Promise.allSettled(connections.map(({ connection }) => connection.close()))),
  };
}

function toolOf(contract: ToolContract, tool: string, given: McpToolOverlay, connection: McpConnection): Tool {
  const isContent = canonicalJson(contract.output) === canonicalJson(CONTENT_OUTPUT);
  return toolFromContract(contract, {
    async execute(args, { operationKey, signal, deadline, traceHeaders }) {
      const keyed = given.operationKeyArgument === undefined || operationKey === undefined ? {} : { [given.operationKeyArgument]: operationKey };
      const meta = { ...traceHeaders, ...(operationKey === undefined ? {} : { [OPERATION_KEY_META]: operationKey }) };
      try {
        const result = await connection.call(tool, { ...args, ...keyed }, meta, { signal, timeoutMs: Math.max(1, deadline - Date.now()) });
        const failure = failureIn(result, contract.name, contract.effect, given);
        if (failure !== undefined) throw failure;
        return isContent ? contentOf(result) : result.structuredContent;
      } catch (error) {
        throw toToolError(error, contract.name);
      }
    },
  });
}
