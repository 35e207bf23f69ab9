/** Something a person said of a run that the gateway took. */
export interface AcknowledgedFact {
  readonly kind: 'approval' | 'resolution' | 'signal' | 'cancel' | 'pause' | 'resume';
  readonly runId: string;
  readonly factId: string;
  /** The approval's id, the signal's name, or the call that was in doubt. */
  readonly about: string;
}

/** All that somebody was told is done: the promises of a round are about exactly this. */
export class Acknowledged {
  readonly #tasks = new Map<string, number>();
  readonly #facts: AcknowledgedFact[] = [];

  /** By the task event's id. */
  task(id: string): void {
    this.#tasks.set(id, (this.#tasks.get(id) ?? 0) + 1);
  }

  fact(fact: AcknowledgedFact): void {
    this.#facts.push(fact);
  }

  get tasks(): readonly string[] {
    return [...this.#tasks.keys()];
  }

  get facts(): readonly AcknowledgedFact[] {
    return this.#facts;
  }

  /** Every acknowledgement that was given. */
  get count(): number {
    return [...this.#tasks.values()].reduce((sum, times) => sum + times, this.#facts.length);
  }
}
