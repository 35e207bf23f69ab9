import { HoldfastError } from '@holdfast/contracts';
import type { EntityManager } from 'typeorm';

/** Vectors up to this length are kept in their row, where they are read at once; longer ones would not leave room for the rest of it. */
const LONGEST_IN_ROW = 1_024;

/**
 * Makes `name` the one model of the database, whose vectors have this length. That is only possible while no passage of another model is
 * left. Throws `HoldfastError` `memory.embedder-changed`.
 */
export async function pinEmbedder(manager: EntityManager, name: string, dimensions: number): Promise<void> {
  await manager.query('INSERT INTO memory_embedder (name, dimensions) VALUES ($1, $2) ON CONFLICT DO NOTHING', [name, dimensions]);
  await assertEmbedder(manager, name);
  await manager.query('UPDATE memory_embedder SET name = $1, dimensions = $2 WHERE name <> $1', [name, dimensions]);
  const [column]: readonly { dimensions: number }[] = await manager.query(`SELECT atttypmod AS dimensions FROM pg_attribute WHERE attrelid = 'memory_passage'::regclass AND attname = 'embedding'`);
  if (column?.dimensions === dimensions) return;
  await manager.query(`ALTER TABLE memory_passage ALTER COLUMN embedding TYPE vector(${Math.trunc(dimensions)})`);
  await manager.query(`ALTER TABLE memory_passage ALTER COLUMN embedding SET STORAGE ${dimensions <= LONGEST_IN_ROW ? 'PLAIN' : 'EXTERNAL'}`);
}

/** Throws `HoldfastError` `memory.embedder-changed` when passages are stored whose vectors another model made. */
export async function assertEmbedder(manager: EntityManager, name: string): Promise<void> {
  const foreign: readonly { name: string }[] = await manager.query(
    'SELECT name FROM memory_embedder WHERE name <> $1 AND EXISTS (SELECT 1 FROM memory_passage)',
    [name],
  );
  const [stored] = foreign;
  if (stored === undefined) return;
  throw new HoldfastError({
    code: 'memory.embedder-changed',
    message: `The stored vectors were made by ${stored.name}; this service embeds with ${name}. They cannot be compared.`,
    retryable: false,
    remedy: 'Run the former model, or forget every document of this database and ingest them again.',
  });
}
