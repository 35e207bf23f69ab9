import type { Catalog, ToolContract } from '@holdfast/contracts';
import { ToolRegistry, type RegistrySettings } from './registry.js';

export interface OpenedCatalog {
  readonly catalog: Catalog;
  readonly registry: ToolRegistry;
}

/**
 * A catalogue whose tools have, at every moment, the contracts that count: read `tools` when you need them, and keep none.
 * Resolves when the registry has been read, and stays up to date until the registry is closed.
 */
export async function openCatalog(bus: RegistrySettings['bus'], { agents, tools }: Catalog, log: { warn(about: object, message: string): void }): Promise<OpenedCatalog> {
  const registry = await ToolRegistry.open({ bus, pinned: tools, onError: (error, tool) => log.warn({ err: error, tool }, 'how a tool stands could not be read; it stands as it did') });
  const catalog: Catalog = {
    agents,
    get tools(): ToolContract[] {
      return registry.contracts() as ToolContract[];
    },
  };
  return { catalog, registry };
}
