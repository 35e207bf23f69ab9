import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isAgentFile, readAgents, type AgentModule } from '@holdfast/agent-sdk';
import { HoldfastError, RUNTIME_TOOLS, catalog, type Catalog, type ToolContract } from '@holdfast/contracts';

/**
 * Makes the catalogue, the one file that all services read, from what the modules declare, or an agent file in place of the first. Throws `catalog.invalid`,
 * which names what is wrong, and writes nothing then.
 */
export async function writeCatalog(file: string, agentsModule: string, toolsModule: string): Promise<Catalog> {
  const { agents } = isAgentFile(agentsModule) ? { agents: readAgents(resolve(agentsModule)) } : await load<AgentModule>(agentsModule);
  const { contracts } = await load<{ readonly contracts: readonly ToolContract[] }>(toolsModule);
  // Holdfast's own tools need no module: an agent that names one has it, if policy lets it. They are there whoever is declared, since runs go on with earlier versions, and versions are published later.
  const own = RUNTIME_TOOLS.filter(({ name }) => !contracts.some((contract) => contract.name === name));
  const parsed = catalog.safeParse({ agents, tools: [...contracts, ...own] });
  if (!parsed.success) {
    throw new HoldfastError({ code: 'catalog.invalid', message: `The agents and tools do not make a catalogue: ${parsed.error.message}`, retryable: false, remedy: 'Correct the declarations.' });
  }
  await writeFile(file, `${JSON.stringify(parsed.data, null, 2)}\n`);
  return parsed.data;
}

async function load<T>(module: string): Promise<T> {
  try {
    return (await import(pathToFileURL(resolve(module)).href)) as T;
  } catch (cause) {
    throw new HoldfastError({ code: 'catalog.module-unreadable', message: `"${module}" cannot be loaded: ${String(cause)}`, retryable: false, remedy: 'Build it or correct the path.', cause });
  }
}
