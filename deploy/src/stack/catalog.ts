import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isAgentFile, readAgents, type AgentModule } from '@holdfast/agent-sdk';
import { HoldfastError, RUNTIME_TOOLS, catalog, type Catalog, type ToolContract } from '@holdfast/contracts';

/** Writes the catalogue, the one file that all services read; see {@link catalogOf}. Writes nothing when that throws. */
export async function writeCatalog(file: string, agentsModule: string, toolsModule: string): Promise<Catalog> {
  const made = await catalogOf(agentsModule, toolsModule);
  await writeFile(file, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

/**
 * Makes the catalogue from what the modules declare, or an agent file in place of the first. Throws `catalog.invalid` and `catalog.module-unreadable`,
 * which name what is wrong.
 */
export async function catalogOf(agentsModule: string, toolsModule: string): Promise<Catalog> {
  const { agents } = isAgentFile(agentsModule) ? { agents: readAgents(resolve(agentsModule)) } : await load<AgentModule>(agentsModule);
  const { contracts } = await load<{ readonly contracts: readonly ToolContract[] }>(toolsModule);
  // Holdfast's own tools need no module: an agent that names one has it, if policy lets it. They are there whoever is declared, since runs go on with earlier versions, and versions are published later.
  const own = RUNTIME_TOOLS.filter(({ name }) => !contracts.some((contract) => contract.name === name));
  const parsed = catalog.safeParse({ agents, tools: [...contracts, ...own] });
  if (parsed.success) return parsed.data;
  throw new HoldfastError({ code: 'catalog.invalid', message: `The agents and tools do not make a catalogue: ${parsed.error.message}`, retryable: false, remedy: 'Correct the declarations.' });
}

async function load<T>(module: string): Promise<T> {
  try {
    return (await import(pathToFileURL(resolve(module)).href)) as T;
  } catch (cause) {
    throw new HoldfastError({ code: 'catalog.module-unreadable', message: `"${module}" cannot be loaded: ${placeOf(cause)}${String(cause)}`, retryable: false, remedy: 'Build it or correct the path.', cause });
  }
}

/** Where in a file a fault is: Node tells it of faults of syntax in the first line of the stack alone. */
function placeOf(cause: unknown): string {
  const [, file, line] = /(?:^|\()(?:file:\/\/)?(\/[^\n:]+):(\d+)/m.exec(cause instanceof Error ? (cause.stack ?? '') : '') ?? [];
  return file === undefined ? '' : `${file}, line ${line}: `;
}
