import type { ToolContract } from '@holdfast/contracts';
import { systemClock } from '../execution/clock.js';
import type { Remember } from '../memory/remember-tool.js';
import type { PassageSearch } from '../memory/search-tool.js';
import type { ToolLog } from './call-context.js';
import type { Tool } from './tool.js';
import type { WorkerPort } from './worker-port.js';

/** What a worker gives the tools that it loads. */
export interface ToolEnvironment {
  /** The process's environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly searchMemory: PassageSearch;
  readonly remember: Remember;
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
  /** Ends connections and processes. Called once, when no call is in hand any more; nobody waits longer than 8 s for it. */
  close?(): Promise<void>;
}

/** What a module of tools exports. `tools` throws a HoldfastError when the environment lacks what they need. */
export interface ToolModule {
  tools(environment: ToolEnvironment): readonly Tool[] | ToolSet | Promise<readonly Tool[] | ToolSet>;
  /** The same tools' contracts, for the catalogue; they need nothing running. */
  readonly contracts: readonly ToolContract[];
}

/** Longer than an MCP server takes to be ended by force (6 s); with what closes before it, shorter than a service takes to stop (20 s). */
const CLOSE_MS = 8_000;

/** What a set is made from: tools alone hold nothing. */
type Tools = readonly Tool[] | ToolSet;

/** Several sets as one. Closing it closes them all at once, and takes 8 s at most. */
export function joinToolSets(...sets: readonly Tools[]): ToolSet {
  const whole = sets.map((set): ToolSet => ('tools' in set ? set : { tools: set }));
  return {
    tools: whole.flatMap(({ tools }) => tools),
    sources: whole.flatMap(({ sources }) => sources ?? []),
    close: () => closeAll(whole),
  };
}

/** Opens sets one after the other and joins them. When one cannot be opened, those before it are closed and its error is thrown. */
export async function openToolSets(...opens: readonly (() => Tools | Promise<Tools>)[]): Promise<ToolSet> {
  const opened: Tools[] = [];
  try {
    for (const open of opens) opened.push(await open());
  } catch (error) {
    await joinToolSets(...opened).close?.();
    throw error;
  }
  return joinToolSets(...opened);
}

/** A set that cannot be closed, or never finishes, must hold up neither the others nor the end of the process. */
async function closeAll(sets: readonly ToolSet[]): Promise<void> {
  const finished = new AbortController();
  const closing = Promise.allSettled(sets.map(async (set) => set.close?.())).then(() => finished.abort());
  await Promise.race([closing, systemClock.sleep(CLOSE_MS, finished.signal)]);
}
