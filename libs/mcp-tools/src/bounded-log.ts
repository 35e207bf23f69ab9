import type { ToolLog } from '@holdfast/tool-sdk';

export interface LogBounds {
  /** Lines that are let through in one interval, whatever their level. */
  readonly lines: number;
  readonly intervalMs: number;
}

const BOUNDS: LogBounds = { lines: 20, intervalMs: 10_000 };

/**
 * A log for what somebody else has a say in: so many lines an interval, then one that says how many were left out. An
 * interval begins with its first line.
 */
export class BoundedLog implements ToolLog {
  private lines = 0;
  private timer: NodeJS.Timeout | undefined;

  /** `fields` name the writer in the line that tells of the others. */
  constructor(private readonly log: ToolLog, private readonly fields: object, private readonly bounds: LogBounds = BOUNDS) {}

  info(fields: object, message: string): void {
    if (this.admits()) this.log.info(fields, message);
  }

  warn(fields: object, message: string): void {
    if (this.admits()) this.log.warn(fields, message);
  }

  error(fields: object, message: string): void {
    if (this.admits()) this.log.error(fields, message);
  }

  /** Ends the interval, and says what it has left out. */
  flush(): void {
    const leftOut = this.lines - this.bounds.lines;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.lines = 0;
    if (leftOut > 0) this.log.warn({ ...this.fields, leftOut }, 'lines were left out of the log');
  }

  private admits(): boolean {
    this.timer ??= setTimeout(() => this.flush(), this.bounds.intervalMs).unref();
    this.lines += 1;
    return this.lines <= this.bounds.lines;
  }
}
