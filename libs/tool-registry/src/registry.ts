import type { Bus } from '@holdfast/bus';
import { HoldfastError, REGISTRY_STREAM, canonicalJson, contractAcceptance, contractObservation, subjects, type ContractAcceptance, type ContractObservation, type ToolContract } from '@holdfast/contracts';
import type { z } from 'zod';
import { standingOf, type Placed, type ToolStanding } from './standing.js';

export interface RegistrySettings {
  readonly bus: Pick<Bus, 'publish' | 'lastBySubject' | 'listen' | 'onReconnect'>;
  /** The catalogue's contracts. */
  readonly pinned: readonly ToolContract[];
  /** Told when a tool stands otherwise than before. */
  readonly onChange?: (tool: string, standing: ToolStanding) => void;
  /** Told when a record cannot be read; the tool stands as it did. */
  readonly onError?: (error: unknown, tool: string) => void;
  /** How often everything is read again, in milliseconds; a lost notice only delays. */
  readonly rereadMs?: number;
}

interface Records {
  observed?: Placed<ContractObservation> | undefined;
  accepted?: Placed<ContractAcceptance> | undefined;
}

const REREAD_MS = 30_000;
const WRITE_TRIES = 5;

/**
 * How the tools of a catalogue stand, kept up to date from the stream REGISTRY: what servers were seen to offer, and what
 * people accepted. Reading and listening need no right to write; an observation needs the tools' account, an acceptance the
 * gateway's.
 */
export class ToolRegistry {
  private readonly records = new Map<string, Records>();
  private readonly pinned: ReadonlyMap<string, ToolContract>;
  private readonly told = new Map<string, string>();
  private readonly stops: (() => void)[] = [];

  private constructor(private readonly settings: RegistrySettings) {
    this.pinned = new Map(settings.pinned.map((contract) => [contract.name, contract]));
  }

  /** Reads everything once. Throws what reading throws. */
  static async open(settings: RegistrySettings): Promise<ToolRegistry> {
    const registry = new ToolRegistry(settings);
    registry.stops.push(settings.bus.listen(subjects.registeredHeard(), ({ subject }) => void registry.reread(subject.split('.')[1] ?? '')));
    await registry.readAll();
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
    const pinned = this.pinned.get(tool);
    return pinned === undefined ? undefined : standingOf({ pinned, ...this.records.get(tool) });
  }

  /** The contracts that count now. */
  contracts(): readonly ToolContract[] {
    return [...this.pinned.keys()].flatMap((tool) => this.standing(tool)?.contract ?? []);
  }

  /**
   * Records what a server offers. The same observation again writes nothing, nor does one that finds what is accepted where
   * nothing else was ever seen; of two workers that see the same at once, one record is stored.
   */
  async observe(tool: string, observation: Pick<ContractObservation, 'contract' | 'faults' | 'source'>): Promise<void> {
    const content = canonicalJson([observation.contract?.digest ?? null, observation.faults ?? null]);
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      await this.read(tool);
      const last = this.records.get(tool)?.observed;
      const isKnown = last === undefined
        ? observation.faults === undefined && observation.contract?.digest === this.standing(tool)?.contract.digest
        : canonicalJson([last.record.contract?.digest ?? null, last.record.faults ?? null]) === content;
      if (isKnown) return;
      const answer = await this.settings.bus.publish(subjects.observedContract(tool), JSON.stringify({ ...observation, at: Date.now() }), { expected: { sequence: last?.sequence ?? 0 } });
      if (answer.status === 'stored') return this.read(tool);
    }
    throw unavailable(tool);
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
      const record: ContractAcceptance = { contract: standing.candidate, observation: standing.sequence, by, comment, at: Date.now() };
      const answer = await this.settings.bus.publish(subjects.acceptedContract(tool), JSON.stringify(record), { expected: { sequence: this.records.get(tool)?.accepted?.sequence ?? 0 } });
      if (answer.status !== 'stored') continue;
      await this.read(tool);
      return this.standing(tool) ?? standing;
    }
    throw unavailable(tool);
  }

  private async readAll(): Promise<void> {
    await Promise.all([...this.pinned.keys()].map((tool) => this.read(tool)));
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
    const standing = this.standing(tool);
    if (standing === undefined) return;
    const told = canonicalJson([standing.status, standing.contract.digest, standing.status === 'healthy' ? 0 : standing.sequence]);
    const before = this.told.get(tool);
    this.told.set(tool, told);
    if (before !== undefined && before !== told) this.settings.onChange?.(tool, standing);
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

function later<T>(known: Placed<T> | undefined, read: Placed<T> | undefined): Placed<T> | undefined {
  return known !== undefined && (read === undefined || read.sequence < known.sequence) ? known : read;
}

function unavailable(tool: string): HoldfastError {
  return new HoldfastError({ code: 'registry.unavailable', message: `The registry did not take a record of "${tool}".`, retryable: true, remedy: 'Try again; if it lasts, check the broker and its stream REGISTRY.' });
}
