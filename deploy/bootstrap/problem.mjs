import { constants } from 'node:os';

/** Something that the reader can put right: what is the matter, and what to do. */
export class Problem extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** We were asked to end by a signal. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`Ended by ${signal}.`);
    this.exitCode = exitCodeOf(signal);
  }
}

/** The exit code that a shell gives for a process that a signal ended. */
export function exitCodeOf(signal) {
  return 128 + (constants.signals[signal] ?? 0);
}
