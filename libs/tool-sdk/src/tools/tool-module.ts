import type { ToolContract } from '@holdfast/contracts';
import type { PassageSearch } from '../search/search-tool.js';
import type { ToolLog } from './call-context.js';
import type { Tool } from './tool.js';
import type { WorkerPort } from './worker-port.js';

/** What a worker gives the tools that it loads. */
export interface ToolEnvironment {
  /** The process's environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly searchMemory: PassageSearch;
  /** Workers in other languages, over the bus. */
  readonly workers: WorkerPort;
  readonly log: ToolLog;
}

/**
 * Where contracts come from that somebody else may change: a server that describes its tools. What it describes is
 * compared with what was accepted; it is never believed.
 */
export interface ContractSource {
  /** For people: which server. */
  readonly name: string;
  /**
   * The contracts as the server has them now, with everything that the operator decides added: those of the tools that are
   * callable, and no others. A tool that the server lacks is left out. Rejects when the server cannot be read, which is no change.
   */
  describe(): Promise<readonly ToolContract[]>;
  /** The tools that should be there. */
  readonly tools: readonly string[];
  /** Calls back when the server says that its tools changed. Returns how to stop. */
  onChange?(listener: () => void): () => void;
}

/** Tools that are ready for calls, with what they hold. */
export interface ToolSet {
  readonly tools: readonly Tool[];
  readonly sources?: readonly ContractSource[];
  /** Ends connections and processes. Called once, when no call is in hand any more. */
  close?(): Promise<void>;
}

/** What a module of tools exports. `tools` throws a HoldfastError when the environment lacks what they need. */
export interface ToolModule {
  tools(environment: ToolEnvironment): readonly Tool[] | ToolSet | Promise<readonly Tool[] | ToolSet>;
  /** The same tools' contracts, for the catalogue; they need nothing running. */
  readonly contracts: readonly ToolContract[];
}

/** Several sets as one. */
export function joinToolSets(...sets: readonly (readonly Tool[] | ToolSet)[]): ToolSet {
  const whole = sets.map((set): ToolSet => ('tools' in set ? set : { tools: set }));
  return {
    tools: whole.flatMap(({ tools }) => tools),
    sources: whole.flatMap(({ sources }) => sources ?? []),
    close: async () => void (await Promise.allSettled(whole.map((set) => set.close?.()))),
  };
}
