import type { AgentDeclaration, AgentRevocation, AgentVersion, RunKey } from '@holdfast/contracts';
import type { Choice, StableKeys } from './choose.js';

/** What a new run asks for: whoever takes tasks of this type, or the agent of this name. */
export type AgentWanted = ({ readonly type: string } | { readonly name: string }) & { readonly keys?: StableKeys };

/** What services ask about agents. A run names its version from its first event on, so nobody asks for an agent "as it is now". */
export interface Agents {
  /** The version's declaration; undefined where nobody has it. Throws `bus.unavailable` (retryable). */
  find(version: AgentVersion): Promise<AgentDeclaration | undefined>;
  /** Why runs of this version may call nothing more; undefined while they may. */
  revocation(version: AgentVersion): AgentRevocation | undefined;
  /** Whether new tasks could get any version of the agent at all: a catalogue declares it, or somebody has routed tasks to it. */
  isOffered(name: string): boolean;
  /** Which version begins a run. The same run gets the same version for as long as the route stays as it is. Throws `bus.unavailable` (retryable). */
  choose(wanted: AgentWanted, key: RunKey): Promise<Choice>;
}
