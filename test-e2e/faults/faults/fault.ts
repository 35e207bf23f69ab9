import type { RunDirectory, Stack, StackOptions } from '@holdfast/deploy';
import type { Need } from '../machine/needs.ts';
import type { Orders } from '../injection/orders.ts';
import type { Random } from '../workload/random.ts';

/** When a fault struck or ended: recovery is counted from then. */
export interface Strike {
  /** The fault's name and, behind a colon, whom it struck. */
  readonly what: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What is there before anything is started. */
export interface Site {
  readonly directory: RunDirectory;
  readonly random: Random;
  readonly orders: Orders;
  /** Of the log. */
  readonly partitions: number;
}

/** A running installation under load. */
export interface Scene extends Site {
  readonly stack: Stack;
  /** How long the load lasts, in milliseconds; all strikes should fall into it. */
  readonly loadMs: number;
  readonly say: (text: string) => void;
  /** Hands many more tasks in at once, and resolves when the first few of them are acknowledged. */
  burst(count: number): Promise<void>;
  /** Notes that something struck now, or that a lasting fault is over now. */
  strike(what: string): void;
  /** Notes a process that died by our hand. */
  killed(): void;
}

/** What a fault changes before the start, and undoes at the end. */
export interface Preparation {
  readonly stack?: Partial<StackOptions>;
  /** Variables for the preload of all services. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly undo?: () => Promise<void>;
}

export interface Fault {
  readonly name: string;
  /** What it does, for people. */
  readonly summary: string;
  readonly needs: readonly Need[];
  /** Why some promise is known not to survive it; it is then inflicted only when it is asked for by name. */
  readonly known?: string;
  /** Of what the whole round has a namespace of its own, so that its mounts or packet filters end with it. */
  readonly isolated?: 'mounts' | 'network';
  prepare?(site: Site): Promise<Preparation>;
  /** Strikes while the load lasts, and leaves everything healed. Throws when the fault could not be inflicted. */
  inflict(scene: Scene): Promise<void>;
}
