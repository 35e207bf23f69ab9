import { DatabaseSync } from 'node:sqlite';

/** What the tools may do to the world: `records` can be written again with the same result, `payments` know keys. */
export const KINDS = ['records', 'payments', 'mails', 'sirens'] as const;
export type Kind = (typeof KINDS)[number];

/** How often one operation was asked for and how often it really happened. */
export interface OperationCount {
  readonly kind: Kind;
  readonly operation: string;
  readonly requests: number;
  readonly effects: number;
}

/** The world's own record of what was done to it: a database of its own, so that nobody's word is taken for it. */
export class Effects {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS operations (kind TEXT, operation TEXT, requests INTEGER NOT NULL, effects INTEGER NOT NULL, PRIMARY KEY (kind, operation));
      CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY);
    `);
  }

  /** Counts a request; the answer is which one of this operation it was, from 1. */
  request(kind: Kind, operation: string): number {
    this.#database.prepare('INSERT INTO operations VALUES (?, ?, 1, 0) ON CONFLICT DO UPDATE SET requests = requests + 1').run(kind, operation);
    return this.#row(kind, operation).requests;
  }

  /** Acts. A record that is written again and a key that was used have no further effect; everything else has one each time. */
  act(kind: Kind, operation: string, key: string | undefined): void {
    if (kind === 'records' && this.effects(kind, operation) > 0) return;
    if (kind === 'payments' && key !== undefined && this.#database.prepare('INSERT OR IGNORE INTO keys VALUES (?)').run(key).changes === 0) return;
    this.#database.prepare('UPDATE operations SET effects = effects + 1 WHERE kind = ? AND operation = ?').run(kind, operation);
  }

  effects(kind: Kind, operation: string): number {
    return this.#row(kind, operation).effects;
  }

  audit(): readonly OperationCount[] {
    return this.#database.prepare('SELECT kind, operation, requests, effects FROM operations ORDER BY kind, operation').all() as unknown as OperationCount[];
  }

  #row(kind: Kind, operation: string): { readonly requests: number; readonly effects: number } {
    return (this.#database.prepare('SELECT requests, effects FROM operations WHERE kind = ? AND operation = ?').get(kind, operation) ?? { requests: 0, effects: 0 }) as { requests: number; effects: number };
  }
}
