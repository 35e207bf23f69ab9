import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Principal } from '../edge/api-keys.js';
import type { factStored } from '../people/people.endpoints.js';
import { Steering } from '../people/steering.js';
import { RunIndex } from '../runs/run-index.js';
import type { RunSummary } from '../runs/run-summary.js';
import { Forking, forkIdOf } from '../time-travel/forking.js';
import type { Asked } from './bulk.endpoints.js';

type Person = Pick<Principal, 'tenant' | 'name'>;

/** What may be said to many runs at once, each of them told as if it were told alone. */
@Injectable()
export class Words {
  constructor(@Inject(Steering) private readonly steering: Steering, @Inject(Forking) private readonly forking: Forking, @Inject(RunIndex) private readonly index: RunIndex) {}

  /** True for a run that the filter means, and of which the action can be said. */
  fit({ action, filter }: Asked, { status, phase, agent, type, changedAt }: RunSummary): boolean {
    if (status === 'erased' || status === 'unreadable' || (phase === 'ended') !== (action === 'retry')) return false;
    if (action === 'retry' && filter.status === undefined && status !== 'failed') return false;
    if ((action === 'resume') !== (status === 'paused') && (action === 'resume' || action === 'pause')) return false;
    return (filter.status === undefined || filter.status === status) && (filter.agent === undefined || filter.agent === agent) && (filter.type === undefined || filter.type === type)
      && (filter.changedAfter === undefined || changedAt > filter.changedAfter) && (filter.changedBefore === undefined || changedAt < filter.changedBefore);
  }

  /** True for a run that was retried among many before, so that it is not shown to whoever asks for all that failed. */
  isRetried(tenant: string, runId: string): boolean {
    return this.index.get({ tenant, runId: retryOf(tenant, runId) }) !== undefined;
  }

  /** The id of what the run's log holds of it already; a retry leaves the run's own log as it is. Throws `run.unknown`. */
  async known({ action, signal }: Asked, caller: Person, runId: string, nonce: string): Promise<string | undefined> {
    if (action === 'retry') return undefined;
    return action === 'signal' ? this.steering.knownSignal(signalOf(signal), caller, runId, nonce) : this.steering.known(action, caller, runId, nonce);
  }

  /** Says it to one run, and throws what saying it to that run alone throws. A retry answers the run that goes on. */
  tell({ action, reason, signal }: Asked, caller: Person, runId: string, nonce: string): Promise<z.infer<typeof factStored>> {
    if (action === 'retry') return this.forking.fork(caller, runId, { mode: 'retry', reason }, retryOf(caller.tenant, runId));
    return action === 'signal' ? this.steering.signal(signalOf(signal), caller, runId, nonce) : this.steering.tell(action, caller, runId, reason, nonce);
  }
}

/** Of nobody, since it is one and the same run whoever asks for it, and in whichever request. */
function retryOf(tenant: string, runId: string): string {
  return forkIdOf(tenant, runId, '', 'bulk');
}

function signalOf(signal: Asked['signal']): NonNullable<Asked['signal']> {
  if (signal === undefined) throw new TypeError('a request to signal was taken without a signal');
  return signal;
}
