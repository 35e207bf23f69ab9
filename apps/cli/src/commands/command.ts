import type { Command } from 'commander';
import type { Gateway } from '../gateway.js';
import type { Terminal } from '../terminal.js';

/** What commands work with. The gateway is asked for only by commands that need one. */
export interface Means {
  readonly gateway: () => Gateway;
  readonly terminal: Terminal;
}

/** Adds commands to the program. */
export type AddCommands = (program: Command, means: Means) => void;
