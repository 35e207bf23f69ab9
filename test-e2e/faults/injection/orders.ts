import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FailpointName } from './failpoints.ts';

/** How messages are mistreated in the clients of all services: chances from 0 to 1 for each message concerned. */
export interface DeliveryFaults {
  /** A message, or a request between services, is delivered again, up to `latestMs` later. */
  readonly duplicate: number;
  /** A message is delivered late, by up to `latestMs`, so that others overtake it. */
  readonly delay: number;
  /** The broker has stored what was published, but its answer does not arrive. */
  readonly loseAcknowledgement: number;
  readonly latestMs: number;
}

/**
 * What the harness tells the processes under test, as files in a folder that both know: a failpoint is armed by a file of
 * its name, which the process that reaches the point moves away before it kills itself, so that exactly one dies.
 */
export class Orders {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static create(folder: string): Orders {
    for (const part of ['armed', 'hit']) mkdirSync(join(folder, part), { recursive: true });
    return new Orders(folder);
  }

  get folder(): string {
    return this.#folder;
  }

  arm(point: FailpointName): void {
    rmSync(this.#file('hit', point), { force: true });
    writeFileSync(this.#file('armed', point), '');
  }

  disarm(point: FailpointName): void {
    rmSync(this.#file('armed', point), { force: true });
  }

  /** Takes the order to die at this point; true for one process only. */
  claim(point: FailpointName): boolean {
    const armed = this.#file('armed', point);
    if (!existsSync(armed)) return false;
    try {
      renameSync(armed, this.#file('hit', point));
      return true;
    } catch {
      // Another process was quicker.
      return false;
    }
  }

  /** When a process died at the point, in milliseconds since the epoch. */
  hitAt(point: FailpointName): number | undefined {
    return statSync(this.#file('hit', point), { throwIfNoEntry: false })?.ctimeMs;
  }

  hits(): readonly string[] {
    return readdirSync(join(this.#folder, 'hit'));
  }

  /** From now on, until {@link calm}. */
  mistreat(faults: DeliveryFaults): void {
    const file = join(this.#folder, 'deliveries.json');
    writeFileSync(`${file}.new`, JSON.stringify(faults));
    renameSync(`${file}.new`, file);
  }

  calm(): void {
    rmSync(join(this.#folder, 'deliveries.json'), { force: true });
  }

  deliveryFaults(): DeliveryFaults | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#folder, 'deliveries.json'), 'utf8')) as DeliveryFaults;
    } catch {
      return undefined;
    }
  }

  #file(part: 'armed' | 'hit', point: FailpointName): string {
    return join(this.#folder, part, point);
  }
}
