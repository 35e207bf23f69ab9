import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { AgentRegistry } from '@holdfast/agent-registry';
import { HoldfastError, canonicalJson, type RecordedCommit, type RunId } from '@holdfast/contracts';
import type { Principal } from '../edge/api-keys.js';
import { FactInbox } from '../intake/fact-inbox.js';
import { factIdOf } from '../people/fact-id.js';
import type { factStored } from '../people/people.endpoints.js';
import { RunHistories } from '../runs/run-histories.js';
import { placeIn } from './place.js';
import type { forkRequest } from './time-travel.endpoints.js';

/** Begins runs where others stood: what is asked becomes one fact of a run of its own, on which the orchestrator decides. */
@Injectable()
export class Forking {
  constructor(@Inject(RunHistories) private readonly histories: RunHistories, @Inject(FactInbox) private readonly inbox: FactInbox, @Inject(AgentRegistry) private readonly agents: AgentRegistry) {}

  /**
   * Asks for the run `forkId`, which begins where another stood; the same request for the same run is made once. Throws `run.unknown`, `run.commit-unknown`,
   * `run.erased`, `fork.key-reused`, `fork.origin-simulated`, `agent.unknown`, `agent.version-unknown`, `agent.version-revoked`, or, retryable, `fork.origin-runs` and
   * `gateway.not-stored`.
   */
  async fork({ tenant, name: by }: Pick<Principal, 'tenant' | 'name'>, runId: RunId, asked: z.infer<typeof forkRequest>, forkId: RunId): Promise<z.infer<typeof factStored>> {
    const { mode, at, reason, agent, version, effects = mode === 'fork' ? 'simulated' : 'real' } = asked;
    const history = await this.histories.read({ tenant, runId });
    const forked = { tenant, runId: forkId };
    // Without a commit, the run as it stands is meant; with the same key, as it stood at the first request.
    const id = factIdOf('fork', forked, canonicalJson({ mode, reason, effects, ...(at === undefined ? {} : { at }), ...(agent === undefined ? {} : { agent }), ...(version === undefined ? {} : { version }) }));
    const [begun] = await this.histories.find(forked);
    if (begun?.commit.cause.id === id) return { runId: forked.runId, factId: id, duplicate: true };
    if (begun !== undefined) throw new HoldfastError({ code: 'fork.key-reused', message: `The run ${forked.runId} was begun by another request with the same key.`, retryable: false, remedy: 'Use a key of its own for each fork.' });
    const number = placeIn(history, at);
    requireForkable(history, mode, effects);
    if (agent !== undefined || version !== undefined) await this.requireAgent(agent ?? beginningOf(history)?.agent.name ?? '', version);
    const { duplicate } = await this.inbox.put(forked, { kind: 'fork', id, mode, origin: { runId, number }, ...(agent === undefined ? {} : { agent }), ...(version === undefined ? {} : { version }), effects, by, reason });
    return { runId: forked.runId, factId: id, duplicate };
  }

  /** Throws `agent.unknown`, `agent.version-unknown` or `agent.version-revoked`. */
  private async requireAgent(name: string, digest: string | undefined): Promise<void> {
    await this.agents.refresh();
    if (!this.agents.names.includes(name)) throw new HoldfastError({ code: 'agent.unknown', message: `There is no agent "${name}".`, retryable: false, remedy: 'GET /v1/agents lists the agents.' });
    if (digest === undefined) return;
    await this.agents.require({ name, digest });
    if (this.agents.revocation({ name, digest }) !== undefined) throw new HoldfastError({ code: 'agent.version-revoked', message: `The version ${digest.slice(0, 12)} of the agent "${name}" is revoked.`, retryable: false, remedy: 'Name another version; GET /v1/agents/<name> lists them.' });
  }
}

/** The run that one person's request begins. `f` and 104 bits of the SHA-256 over who forks what, and the caller's own key: however often the same is asked for, it is one run. */
export function forkIdOf(tenant: string, origin: RunId, by: string, nonce: string): RunId {
  return `f${createHash('sha256').update(canonicalJson([tenant, origin, by, nonce])).digest('hex').slice(0, 26)}`;
}

/** The orchestrator decides; what the log already shows to be in vain is told at once. */
function requireForkable(history: readonly RecordedCommit[], mode: 'fork' | 'retry', effects: 'real' | 'simulated'): void {
  const begun = history[0]?.commit.events;
  if (begun?.some(({ type }) => type === 'content-erased')) throw new HoldfastError({ code: 'run.erased', message: 'What the run said is erased, and nothing can go on with it.', retryable: false, remedy: 'Start a new task.' });
  if (mode === 'retry' && history.at(-1)?.commit.route !== 'end') throw new HoldfastError({ code: 'fork.origin-runs', message: 'The run has not ended.', retryable: true, remedy: 'Cancel it first, or fork it.' });
  const origin = beginningOf(history);
  if (effects === 'real' && origin?.type === 'run-forked' && origin.effects === 'simulated') throw new HoldfastError({ code: 'fork.origin-simulated', message: 'The effects of the run are simulated, and nothing real can go on with them.', retryable: false, remedy: `Begin at the run ${origin.origin.runId}, at which it began.` });
}

function beginningOf(history: readonly RecordedCommit[]) {
  return history[0]?.commit.events.find((event) => event.type === 'task-accepted' || event.type === 'run-forked');
}
