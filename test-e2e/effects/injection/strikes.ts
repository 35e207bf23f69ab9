import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The moments that only the worker itself knows. */
export type WorkerMoment = 'before-claim' | 'after-claim' | 'after-outcome' | 'after-report' | 'zombie';

/**
 * Who is to be struck, as files in a folder that both sides know: one for each moment and operation, which the worker that
 * gets there moves away before it is struck, so that exactly one is.
 */
export class Strikes<Moment extends string = WorkerMoment> {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  static create<Moment extends string = WorkerMoment>(folder: string): Strikes<Moment> {
    for (const part of ['armed', 'hit']) mkdirSync(join(folder, part), { recursive: true });
    return new Strikes(folder);
  }

  arm(moment: Moment, operation: string): void {
    writeFileSync(this.#file('armed', moment, operation), '');
  }

  /** Takes the order; true for one process only, whose number is then known to {@link victim}. */
  claim(moment: Moment, operation: string): boolean {
    const armed = this.#file('armed', moment, operation);
    if (!existsSync(armed)) return false;
    try {
      writeFileSync(armed, String(process.pid));
      renameSync(armed, this.#file('hit', moment, operation));
      return true;
    } catch {
      return false;
    }
  }

  /** The operations for which this moment is armed. */
  armed(moment: Moment): readonly string[] {
    return readdirSync(join(this.folder, 'armed')).filter((name) => name.startsWith(`${moment} `)).map((name) => name.slice(moment.length + 1));
  }

  /** The process that was struck. */
  victim(moment: Moment, operation: string): number | undefined {
    const file = this.#file('hit', moment, operation);
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  }

  #file(part: 'armed' | 'hit', moment: Moment, operation: string): string {
    return join(this.folder, part, `${moment} ${operation}`);
  }
}
