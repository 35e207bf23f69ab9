import { readJson, storedAfter, type Bus } from '@holdfast/bus';
import { CanaryRecords, type Canary } from '@holdfast/canary';
import { CANARIES_STREAM, HoldfastError, canonicalJson, subjects, type CanaryEnd, type CanaryEvidence, type CanaryVerdict, type CanaryWord, type DeclaredCanary } from '@holdfast/contracts';
import { canaryEnded, canaryIdTaken, canaryUnknown, unavailable } from '../errors.js';

export interface CanaryBookSettings {
  readonly bus: Pick<Bus, 'publish' | 'getBatch' | 'listen' | 'onReconnect'>;
  /** Told when something cannot be read; what is known stays. */
  readonly onError?: (error: unknown, what: string) => void;
  /** How often the stream is looked at, in milliseconds; a lost notice only delays. */
  readonly rereadMs?: number;
}

const REREAD_MS = 5_000;
const OPEN_PAUSE_MS = 200;
const WRITE_TRIES = 5;

/**
 * Canaries as the stream CANARIES has them, kept up to date from it. Whoever may write what is the broker's to say: the gateway
 * declares, hands on what people say and ends; evals adds evidence and the verdict. Every write names what it was made in view of,
 * so that of several writers one is heard and the others look again.
 */
export class CanaryBook {
  private readonly records = new CanaryRecords();
  private readonly stops: (() => void)[] = [];
  private readonly listeners = new Set<() => void>();
  private reading: Promise<void> | undefined;

  private constructor(private readonly settings: CanaryBookSettings) {}

  /** Reads everything once, trying again for as long as the broker cannot answer. */
  static async open(settings: CanaryBookSettings): Promise<CanaryBook> {
    const book = new CanaryBook(settings);
    const look = (): void => void book.refresh().catch((error: unknown) => settings.onError?.(error, 'the records of canaries could not be read'));
    book.stops.push(settings.bus.listen(subjects.canariesHeard(), look));
    while (!(await book.hasRead())) await new Promise((resolve) => setTimeout(resolve, OPEN_PAUSE_MS));
    book.stops.push(settings.bus.onReconnect(look));
    const timer = setInterval(look, settings.rereadMs ?? REREAD_MS).unref();
    book.stops.push(() => clearInterval(timer));
    return book;
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  /** In the order in which they were declared. */
  get all(): readonly Canary[] {
    return this.records.all;
  }

  find(id: string): Canary | undefined {
    return this.records.find(id);
  }

  /** As {@link find}, for people. Throws `canary.unknown`. */
  require(id: string): Canary {
    const canary = this.find(id);
    if (canary === undefined) throw canaryUnknown(id);
    return canary;
  }

  /** Calls back when anything new was read. Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Writes a canary down, once; the same declaration again gives what was written. Throws `canary.id-taken`, and `agent.registry-unavailable` (retryable). */
  async declare(declared: DeclaredCanary): Promise<Canary> {
    const { id } = declared.declaration;
    await this.once(subjects.canaryDeclared(id), declared, () => this.find(id) !== undefined);
    const canary = this.require(id);
    if (canonicalJson(canary.declared.declaration) !== canonicalJson(declared.declaration)) throw canaryIdTaken(id);
    return canary;
  }

  /** Hands on what a person says; what changes nothing is not written. Throws `canary.unknown`, `canary.ended`, and `agent.registry-unavailable` (retryable). */
  async say(id: string, word: CanaryWord): Promise<Canary> {
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      await this.refresh();
      const canary = this.require(id);
      if (canary.end !== undefined) throw canaryEnded(id, canary.end);
      if (canary.words.at(-1)?.word === word.word) return canary;
      await this.settings.bus.publish(subjects.canaryWord(id), JSON.stringify(word), { expected: { sequence: canary.lastWord } });
    }
    throw unavailable(`a word about the canary "${id}"`);
  }

  /** Ends a canary, once: the first end counts. */
  end(id: string, end: CanaryEnd): Promise<void> {
    return this.once(subjects.canaryEnded(id), end, () => this.find(id)?.end !== undefined);
  }

  /** Gives the verdict, once: the first one counts. */
  giveVerdict(id: string, verdict: CanaryVerdict): Promise<void> {
    return this.once(subjects.canaryVerdict(id), verdict, () => this.find(id)?.verdict !== undefined);
  }

  /** Adds points to the curve that the writer has seen; where another has added some meanwhile, nothing is written. */
  async addEvidence(canary: Canary, evidence: CanaryEvidence): Promise<void> {
    await this.settings.bus.publish(subjects.canaryEvidence(canary.declared.declaration.id), JSON.stringify(evidence), { expected: { sequence: canary.lastEvidence } });
    await this.refresh();
  }

  /** Reads what has come since; whoever asks meanwhile gets what this reading finds, or one that begins after it. */
  async refresh(): Promise<void> {
    const before = this.reading;
    const reading = (before ?? Promise.resolve()).catch(() => undefined).then(() => this.readOn());
    this.reading = reading;
    try {
      await reading;
    } finally {
      if (this.reading === reading) this.reading = undefined;
    }
  }

  /** Stores the only message that a subject ever has, whoever stores it. */
  private async once(subject: string, value: unknown, isThere: () => boolean): Promise<void> {
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      await this.settings.bus.publish(subject, JSON.stringify(value), { expected: { sequence: 0 } });
      await this.refresh();
      if (isThere()) return;
    }
    throw unavailable(`"${subject}"`);
  }

  private async hasRead(): Promise<boolean> {
    try {
      await this.refresh();
      return true;
    } catch (error) {
      if (!(error instanceof HoldfastError) || !error.retryable) throw error;
      this.settings.onError?.(error, 'the records of canaries could not be read');
      return false;
    }
  }

  private async readOn(): Promise<void> {
    const before = this.records.head;
    for await (const { subject, data, sequence } of storedAfter(this.settings.bus, CANARIES_STREAM, before)) {
      try {
        this.records.fold(subject, readJson(data), sequence);
      } catch (error) {
        this.settings.onError?.(error, `a record on "${subject}" cannot be read`);
      }
    }
    if (this.records.head > before) for (const listener of this.listeners) listener();
  }
}
