import { createHash } from 'node:crypto';
import type { AgentDeclaration, AgentVersion, RunKey, StableBy } from '@holdfast/contracts';

/** One version of an agent's route, with what is known of it. */
export interface Share {
  readonly version: AgentVersion;
  readonly weight: number;
  /** Absent where nobody has this version. */
  readonly agent?: AgentDeclaration | undefined;
  readonly isRevoked: boolean;
  /** What the choice among the route's versions follows from; the run where nothing is said. */
  readonly stableBy?: StableBy | undefined;
}

/** What a task is besides a run, by which a route may choose. */
export interface StableKeys {
  readonly thread?: string | undefined;
  readonly requester?: string | undefined;
}

/** `none`: nobody takes such tasks. `wait`: somebody does, and not now. */
export type Choice =
  | { readonly status: 'chosen'; readonly agent: AgentDeclaration }
  | { readonly status: 'none' }
  | { readonly status: 'wait'; readonly reason: string };

/**
 * Chooses the version that begins a run: of the first agent that takes tasks of this type (any, where none is named), by the
 * weights of those of its versions that do and are not revoked. Where the run's version is one that nobody has, the run waits
 * for it and never gets another.
 */
export function choose(agents: readonly (readonly Share[])[], key: RunKey, type?: string, keys: StableKeys = {}): Choice {
  let missing: Share | undefined;
  for (const shares of agents) {
    const routed = shares.filter(({ weight }) => weight > 0);
    const takes = ({ agent }: Share): boolean => agent !== undefined && (type === undefined || agent.taskTypes.includes(type));
    missing ??= routed.find(({ agent }) => agent === undefined);
    if (!routed.some(takes) && !(type === undefined && routed.length > 0)) continue;
    const left = routed.filter((share) => !share.isRevoked && (share.agent === undefined || takes(share)));
    const picked = pick(left, key, keys);
    if (picked === undefined) return { status: 'wait', reason: `every version of the agent "${routed[0]?.version.name}" that new tasks would get is revoked: publish another, and route tasks to it` };
    return picked.agent === undefined ? wait(picked) : { status: 'chosen', agent: picked.agent };
  }
  return missing === undefined ? { status: 'none' } : wait(missing);
}

const wait = ({ version }: Share): Choice => ({ status: 'wait', reason: missingVersion(version) });

/** What is said of a version that nobody has. */
export function missingVersion({ name, digest }: AgentVersion): string {
  return `nobody has version ${digest.slice(0, 12)} of the agent "${name}": publish it again, or deploy a catalogue that declares it`;
}

/** Bytes of the hash that a run's place among the weights is read from: as many as a number carries exactly. */
const POINT_BYTES = 6;

/** The share at the run's place among the weights: SHA-256 over agent, tenant and run id (or what else the route goes by), modulo their sum. */
function pick(shares: readonly Share[], { tenant, runId }: RunKey, keys: StableKeys): Share | undefined {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  const [first] = shares;
  if (first === undefined) return undefined;
  const { stableBy = 'run' } = first;
  const stable = stableBy === 'run' ? undefined : keys[stableBy];
  let point = createHash('sha256').update(`${first.version.name}/${tenant}/${stable === undefined ? runId : `${stableBy}/${stable}`}`).digest().readUIntBE(0, POINT_BYTES) % total;
  return shares.find(({ weight }) => (point -= weight) < 0);
}
