import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { HoldfastError, type RecordedCommit } from '@holdfast/contracts';
import type { Principal } from '../edge/api-keys.js';
import { FactInbox } from '../intake/fact-inbox.js';
import { RunHistories } from '../runs/run-histories.js';
import { factIdOf } from './fact-id.js';
import type { factStored } from './people.endpoints.js';

export type Control = 'cancel' | 'abort' | 'pause' | 'resume';

/** What a run is told beside its task, under a name. */
export interface Signal {
  readonly name: string;
  /** Any JSON. */
  readonly payload: unknown;
}

/** A person's word to one run: a fact, on which the orchestrator decides. */
@Injectable()
export class Steering {
  constructor(@Inject(RunHistories) private readonly histories: RunHistories, @Inject(FactInbox) private readonly inbox: FactInbox) {}

  /**
   * Tells a run something; the same word with the same nonce by the same person is told once. Throws `run.unknown`, `run.ended`,
   * `run.paused`, `run.not-paused`, or `gateway.not-stored` (retryable).
   */
  async tell(action: Control, caller: Pick<Principal, 'tenant' | 'name'>, runId: string, reason: string, nonce: string): Promise<z.infer<typeof factStored>> {
    const key = { tenant: caller.tenant, runId };
    const id = factIdOf('control', key, action, caller.name, nonce);
    const history = await this.histories.read(key);
    if (holds(history, id)) return { runId, factId: id, duplicate: true };
    requireAlive(history);
    if (action === 'pause' || action === 'resume') requireOpposite(action, history);
    return { runId, factId: id, ...(await this.inbox.put(key, { kind: 'control', id, action, by: caller.name, reason })) };
  }

  /** Sends a run a signal; the same name with the same nonce by the same person is sent once. Throws `run.unknown`, `run.ended`, or `gateway.not-stored` (retryable). */
  async signal({ name, payload }: Signal, caller: Pick<Principal, 'tenant' | 'name'>, runId: string, nonce: string): Promise<z.infer<typeof factStored>> {
    const key = { tenant: caller.tenant, runId };
    requireAlive(await this.histories.read(key));
    const id = factIdOf('signal', key, name, caller.name, nonce);
    return { runId, factId: id, ...(await this.inbox.put(key, { kind: 'signal', id, name, payload, by: caller.name })) };
  }

  /** The id of a signal that the run's log holds; undefined when it does not. Throws `run.unknown`. */
  async knownSignal({ name }: Signal, caller: Pick<Principal, 'tenant' | 'name'>, runId: string, nonce: string): Promise<string | undefined> {
    const key = { tenant: caller.tenant, runId };
    const id = factIdOf('signal', key, name, caller.name, nonce);
    return holds(await this.histories.read(key), id) ? id : undefined;
  }

  /** The id of a word that the run's log holds; undefined when it does not. Throws `run.unknown`. */
  async known(action: Control, caller: Pick<Principal, 'tenant' | 'name'>, runId: string, nonce: string): Promise<string | undefined> {
    const key = { tenant: caller.tenant, runId };
    const id = factIdOf('control', key, action, caller.name, nonce);
    return holds(await this.histories.read(key), id) ? id : undefined;
  }
}

function holds(history: readonly RecordedCommit[], factId: string): boolean {
  return history.some(({ commit }) => commit.cause.id === factId);
}

/** Throws `run.ended`. */
export function requireAlive(history: readonly RecordedCommit[]): void {
  if (history.at(-1)?.commit.route !== 'end') return;
  throw new HoldfastError({ code: 'run.ended', message: 'The run has ended.', retryable: false, remedy: 'Look at the run; nothing can change it any more.' });
}

/**
 * Facts may overtake each other on their way to the log, where a resume that comes before its pause would be in vain and
 * the run would stay paused for ever. So the opposite is taken only when the log shows what it is the opposite of.
 */
function requireOpposite(action: 'pause' | 'resume', history: readonly RecordedCommit[]): void {
  const last = history.flatMap(({ commit }) => commit.events).findLast(({ type }) => type === 'run-paused' || type === 'run-resumed');
  const paused = last?.type === 'run-paused';
  if (paused === (action === 'resume')) return;
  throw paused
    ? new HoldfastError({ code: 'run.paused', message: 'The run is paused already.', retryable: false, remedy: 'Look at the run; a resume that was taken a moment ago shows there first.' })
    : new HoldfastError({ code: 'run.not-paused', message: 'The run is not paused.', retryable: true, remedy: 'Look at the run and try again; a pause that was taken a moment ago shows there first.' });
}
