import type { Command } from 'commander';
import type { Gateway } from '../gateway.js';
import type { ProgramName } from '../local/programs.js';
import type { Terminal } from '../terminal.js';

/** What commands work with. The gateway is asked for only by commands that need one. */
export interface Means {
  readonly gateway: () => Gateway;
  readonly terminal: Terminal;
  /** Runs a program of the checkout and returns its exit code; the real one when left out. */
  readonly runProgram?: (name: ProgramName, args: readonly string[]) => Promise<number>;
}

/** Adds commands to the program. */
export type AddCommands = (program: Command, means: Means) => void;
