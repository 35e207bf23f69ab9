import type { ToolContract } from '@holdfast/contracts';
import type { PassageSearch } from '../search/search-tool.js';
import type { Tool } from './tool.js';

/** What a worker gives the tools that it loads. */
export interface ToolEnvironment {
  /** The process's environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly searchMemory: PassageSearch;
}

/** What a module of tools exports. `tools` throws a HoldfastError when the environment lacks what they need. */
export interface ToolModule {
  /** A promise where servers have to be asked or connected to first; the worker takes no call before it settles. */
  tools(environment: ToolEnvironment): readonly Tool[] | Promise<readonly Tool[]>;
  /** Gives up the connections and processes that the tools hold. Called once, when no call is in hand any more. */
  close?(): void | Promise<void>;
  /** The same tools' contracts, for the catalogue; they need nothing running. */
  readonly contracts: readonly ToolContract[];
}
