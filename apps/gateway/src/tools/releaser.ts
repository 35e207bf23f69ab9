import type { FactOf, RecordedCommit, RunKey } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import type { ToolRegistry } from '@holdfast/tool-registry';
import type { FactInbox } from '../intake/fact-inbox.js';
import { factIdOf } from '../people/fact-id.js';
import type { RunHistories } from '../runs/run-histories.js';
import type { RunIndex } from '../runs/run-index.js';

export interface ReleaserSettings {
  readonly index: Pick<RunIndex, 'parked' | 'isComplete'>;
  readonly histories: Pick<RunHistories, 'find'>;
  readonly registry: Pick<ToolRegistry, 'standing' | 'acceptance'>;
  readonly inbox: Pick<FactInbox, 'put'>;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

const SWEEP_MS = 1_000;
/** Where no person's word lifted the quarantine. */
const NOBODY = 'holdfast';

/**
 * Lets parked calls go on once their tool may be called. It looks at how things stand and not at what happened, so it
 * makes no difference whether a call was parked before or after the word that releases it, nor whether a gateway died in
 * between. A worker that hears of that word late parks the call once more, and the release is then another one, since its
 * id names the commit that parked the call; at most one a sweep. Two gateways tell the same fact, which counts once.
 */
export class Releaser {
  private timer: NodeJS.Timeout | undefined;
  private sweeping = false;
  /** What was told in the last sweep: the fact is in the inbox, and the run has not got to it yet. */
  private told: ReadonlySet<string> = new Set();

  constructor(private readonly settings: ReleaserSettings) {}

  start(): void {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Never throws: what could not be told now is told in the next sweep. */
  async sweep(): Promise<void> {
    const { index, registry, logger } = this.settings;
    if (this.sweeping || !index.isComplete) return;
    this.sweeping = true;
    const told = new Set<string>();
    try {
      for (const { tenant, runId, commits, calls } of index.parked()) {
        const free = calls.filter(({ tool }) => registry.standing(tool)?.status !== 'quarantined');
        if (free.length === 0) continue;
        const key = { tenant, runId };
        const history = await this.settings.histories.find(key, commits);
        for (const { callId, tool } of free) {
          const id = await this.release(key, history, callId, tool);
          if (id !== undefined) told.add(id);
        }
      }
    } catch (error) {
      logger.warn({ err: error }, 'parked calls were not released; it is tried again');
    } finally {
      this.told = told;
      this.sweeping = false;
    }
  }

  private async release(key: RunKey, history: readonly RecordedCommit[], callId: string, tool: string): Promise<string | undefined> {
    const parked = parkedLast(history, callId);
    if (parked === undefined) return undefined;
    const id = factIdOf('release', key, callId, parked.hash);
    if (this.told.has(id)) return id;
    const acceptance = this.settings.registry.acceptance(tool);
    const isWord = acceptance !== undefined && acceptance.observation >= parked.quarantine;
    const reason = isWord ? `The contract ${acceptance.contract.digest.slice(0, 12)} of ${tool} was accepted. ${acceptance.comment}`.trim().slice(0, 4_000) : `${tool} may be called again: its server offers what was accepted.`;
    const fact: FactOf<'release'> = { kind: 'release', id, callId, quarantine: parked.quarantine, by: isWord ? acceptance.by : NOBODY, reason };
    await this.settings.inbox.put(key, fact);
    this.settings.logger.info({ tenant: key.tenant, run_id: key.runId, callId, tool }, 'a parked call is released');
    return id;
  }
}

/** The quarantine under which a call is parked now, and the hash of the commit that says so; undefined when it is not. */
function parkedLast(history: readonly RecordedCommit[], callId: string): { readonly quarantine: number; readonly hash: string } | undefined {
  for (const { commit } of history.toReversed()) {
    for (const event of commit.events.toReversed()) {
      if (event.type === 'call-parked' && event.callId === callId) return { quarantine: event.quarantine, hash: commit.hash };
      if (event.type === 'call-released' && event.callId === callId) return undefined;
    }
  }
  return undefined;
}
