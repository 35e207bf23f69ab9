import type { Bus } from '@holdfast/bus';
import { HoldfastError, REGISTRY_STREAM, canonicalJson, contractAcceptance, contractObservation, subjects, type ContractAcceptance, type ContractObservation, type ToolContract } from '@holdfast/contracts';
import type { z } from 'zod';
import { isAnswered, standingOf, type Known, type Placed, type ToolStanding } from './standing.js';

export interface RegistrySettings {
  readonly bus: Pick<Bus, 'publish' | 'lastBySubject' | 'listen' | 'onReconnect'>;
  /** The catalogue's contracts. */
  readonly pinned: readonly ToolContract[];
  /** Told when a record cannot be read; the tool stands as it did. */
  readonly onError?: (error: unknown, tool: string) => void;
  /** How often everything is read again, in milliseconds; a lost notice only delays. */
  readonly rereadMs?: number;
}

type ChangeListener = (tool: string, standing: ToolStanding) => void;

interface Records {
  observed?: Placed<ContractObservation> | undefined;
  accepted?: Placed<ContractAcceptance> | undefined;
}

const REREAD_MS = 30_000;
const WRITE_TRIES = 5;
const OPEN_PAUSE_MS = 200;

/**
 * How the tools of a catalogue stand, kept up to date from the stream REGISTRY: what servers were seen to offer, and what
 * people accepted. Reading and listening need no right to write; an observation needs the tools' account, an acceptance the
 * gateway's.
 */
export class ToolRegistry {
  private readonly records = new Map<string, Records>();
  private readonly pinned: ReadonlyMap<string, ToolContract>;
  private readonly standings = new Map<string, ToolStanding>();
  private readonly listeners = new Set<ChangeListener>();
  private counting: readonly ToolContract[] = [];
  private readonly stops: (() => void)[] = [];

  private constructor(private readonly settings: RegistrySettings) {
    this.pinned = new Map(settings.pinned.map((contract) => [contract.name, contract]));
  }

  /**
   * Reads everything once, trying again for as long as the broker cannot answer: without it, nobody knows which tools are
   * quarantined. Throws what cannot be read at all.
   */
  static async open(settings: RegistrySettings): Promise<ToolRegistry> {
    const registry = new ToolRegistry(settings);
    registry.stops.push(settings.bus.listen(subjects.registeredHeard(), ({ subject }) => void registry.reread(subject.split('.')[1] ?? '')));
    await Promise.all([...registry.pinned.keys()].map((tool) => registry.readFirst(tool)));
    registry.counting = registry.listed();
    registry.stops.push(settings.bus.onReconnect(() => void registry.rereadAll()));
    const timer = setInterval(() => void registry.rereadAll(), settings.rereadMs ?? REREAD_MS).unref();
    registry.stops.push(() => clearInterval(timer));
    return registry;
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  /** Undefined for a tool that the catalogue does not have. */
  standing(tool: string): ToolStanding | undefined {
    return this.standings.get(tool);
  }

  /** The contracts that count now: the same array as long as they do. */
  contracts(): readonly ToolContract[] {
    return this.counting;
  }

  /** A person's last word about the tool. */
  acceptance(tool: string): ContractAcceptance | undefined {
    return this.records.get(tool)?.accepted?.record;
  }

  /** Calls back when a tool stands otherwise than before. Returns how to stop. */
  onChange(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Reads how a tool stands now, for whoever has seen that it may have missed a change. */
  refresh(tool: string): Promise<void> {
    return this.read(tool);
  }

  /**
   * Records what a server offers; no contract means that the tool is gone. The same again writes nothing, nor does what is
   * accepted where nothing else was ever seen; of two workers that see the same at once, one record is stored. Faults that
   * nobody has answered stay: that a server describes its tool as before does not mend the tool's results.
   */
  observe(tool: string, { contract, source }: Pick<ContractObservation, 'contract' | 'source'>): Promise<void> {
    return this.record(tool, source, (_last, open) => ({ contract, faults: open }));
  }

  /** Records that a tool's results violate its contract: the tool is quarantined until a person says that it is mended. */
  reportFaults(tool: string, faults: readonly string[], source: string): Promise<void> {
    // Faults that were answered and came back are news, however equal their words are.
    return this.record(tool, source, (last, open) => (open === undefined ? { contract: last === undefined ? this.standing(tool)?.contract : last.contract, faults: [...faults] } : undefined));
  }

  /**
   * Records a person's word that a tool's candidate counts from now on. Throws `registry.nothing-to-accept` and, when the
   * person saw another contract than the present candidate, `registry.candidate-changed` (look again).
   */
  async accept(tool: string, seen: string, by: string, comment: string): Promise<ToolStanding> {
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      await this.read(tool);
      const standing = this.standing(tool);
      if (standing === undefined || standing.status === 'healthy' || standing.candidate === undefined) throw new HoldfastError({ code: 'registry.nothing-to-accept', message: `The tool "${tool}" has no contract that waits to be accepted.`, retryable: false, remedy: 'Look at the tool.' });
      if (standing.candidate.digest !== seen) throw new HoldfastError({ code: 'registry.candidate-changed', message: `The contract of "${tool}" that waits is ${standing.candidate.digest}, not ${seen}.`, retryable: false, remedy: 'Look at the present difference, and accept that.' });
      const record: ContractAcceptance = { contract: standing.candidate, pinned: this.pinned.get(tool)?.digest ?? standing.contract.digest, observation: standing.sequence, by, comment, at: Date.now() };
      const answer = await this.settings.bus.publish(subjects.acceptedContract(tool), JSON.stringify(record), { expected: { sequence: this.records.get(tool)?.accepted?.sequence ?? 0 } });
      if (answer.status !== 'stored') continue;
      await this.read(tool);
      return this.standing(tool) ?? standing;
    }
    throw unavailable(tool);
  }

  /** Stores what `next` makes of the last record and of the faults in it that nobody has answered; nothing when it makes nothing, or the same. */
  private async record(tool: string, source: string, next: (last: ContractObservation | undefined, open: ContractObservation['faults']) => Pick<ContractObservation, 'contract' | 'faults'> | undefined): Promise<void> {
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      await this.read(tool);
      const known = this.known(tool);
      if (known === undefined) return;
      const last = known.observed?.record;
      const made = next(last, isAnswered(known) ? undefined : last?.faults);
      if (made === undefined || contentOf(made) === contentOf(isAnswered(known) ? { contract: last?.contract } : last ?? { contract: standingOf(known).contract })) return;
      const answer = await this.settings.bus.publish(subjects.observedContract(tool), JSON.stringify({ ...made, source, at: Date.now() }), { expected: { sequence: known.observed?.sequence ?? 0 } });
      if (answer.status === 'stored') return this.read(tool);
    }
    throw unavailable(tool);
  }

  private known(tool: string): Known | undefined {
    const pinned = this.pinned.get(tool);
    return pinned === undefined ? undefined : { pinned, ...this.records.get(tool) };
  }

  private async readFirst(tool: string): Promise<void> {
    for (;;) {
      try {
        return await this.read(tool);
      } catch (error) {
        if (!(error instanceof HoldfastError) || !error.retryable) throw error;
        this.settings.onError?.(error, tool);
        await new Promise((resolve) => setTimeout(resolve, OPEN_PAUSE_MS));
      }
    }
  }

  private async rereadAll(): Promise<void> {
    await Promise.all([...this.pinned.keys()].map((tool) => this.reread(tool)));
  }

  private async reread(tool: string): Promise<void> {
    if (!this.pinned.has(tool)) return;
    await this.read(tool).catch((error: unknown) => this.settings.onError?.(error, tool));
  }

  private async read(tool: string): Promise<void> {
    const [observed, accepted] = await Promise.all([
      this.last(subjects.observedContract(tool), contractObservation), this.last(subjects.acceptedContract(tool), contractAcceptance),
    ]);
    const known = this.records.get(tool);
    // Replicas may lag: what was seen once is not unseen.
    this.records.set(tool, { observed: later(known?.observed, observed), accepted: later(known?.accepted, accepted) });
    const present = this.known(tool);
    if (present === undefined) return;
    const [before, standing] = [this.standings.get(tool), standingOf(present)];
    if (before !== undefined && signOf(before) === signOf(standing)) return;
    this.standings.set(tool, standing);
    if (before === undefined) return;
    this.counting = this.listed();
    for (const listener of this.listeners) listener(tool, standing);
  }

  private listed(): readonly ToolContract[] {
    return [...this.standings.values()].map(({ contract }) => contract);
  }

  private async last<T>(subject: string, shape: z.ZodType<T>): Promise<Placed<T> | undefined> {
    const stored = await this.settings.bus.lastBySubject(REGISTRY_STREAM, subject);
    if (stored === undefined) return undefined;
    try {
      return { record: shape.parse(JSON.parse(new TextDecoder().decode(stored.data))), sequence: stored.sequence };
    } catch (cause) {
      throw new HoldfastError({ code: 'registry.unreadable', message: `The registry's record ${stored.sequence} on "${subject}" cannot be read.`, retryable: false, remedy: 'Run the same release of all services.', cause });
    }
  }
}

/** What makes one standing another. */
function signOf(standing: ToolStanding): string {
  return canonicalJson([standing.status, standing.contract.digest, standing.status === 'healthy' ? 0 : standing.sequence]);
}

function contentOf({ contract, faults }: Pick<ContractObservation, 'contract' | 'faults'>): string {
  return canonicalJson([contract?.digest ?? null, faults ?? null]);
}

function later<T>(known: Placed<T> | undefined, read: Placed<T> | undefined): Placed<T> | undefined {
  return known !== undefined && (read === undefined || read.sequence < known.sequence) ? known : read;
}

function unavailable(tool: string): HoldfastError {
  return new HoldfastError({ code: 'registry.unavailable', message: `The registry did not take a record of "${tool}".`, retryable: true, remedy: 'Try again; if it lasts, check the broker and its stream REGISTRY.' });
}
