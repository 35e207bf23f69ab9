import { chmod, cp, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { runCommand } from '../process/index.js';

/** The user "nobody": Postgres refuses to run as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };

export type RunAs = { readonly uid: number; readonly gid: number } | undefined;

/** Which user Postgres must run as: nobody when we are root, otherwise we ourselves (undefined). */
export function postgresUser(): RunAs {
  return process.getuid?.() === 0 ? NOBODY : undefined;
}

/** Whether the user can run the program, through all the folders that lead to it. */
async function canRun(program: string, user: NonNullable<RunAs>): Promise<boolean> {
  return (await runCommand(program, ['--version'], { user, cwd: '/', seconds: 20 })).code === 0;
}

/**
 * The installation's folder as that user can reach it. Root's cache usually lies where nobody else may look; then the
 * files are linked (or copied) below `directory`.
 */
export async function reachableInstallation(installation: string, programs: string, directory: string, user: RunAs): Promise<string> {
  if (user === undefined || (await canRun(join(installation, programs, 'postgres'), user))) return installation;
  const target = join(directory, 'programs');
  // What an interrupted start left may be incomplete.
  await rm(target, { recursive: true, force: true });
  await share(installation, target);
  return target;
}

/** Refuses with `database.unreachable_directory` a folder that the user cannot enter, for one that leads to it is closed. */
export async function requireReachable(directory: string, user: RunAs): Promise<void> {
  if (user === undefined) return;
  const { code } = await runCommand('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { user, cwd: '/', seconds: 20 });
  if (code === 0) return;
  throw new HoldfastError({
    code: 'database.unreachable_directory',
    message: `Postgres does not run as root, and the user with the number ${user.uid}, as which it would run, cannot reach ${directory}.`,
    retryable: false,
    remedy: 'Choose a folder that every user can pass through to, for example one of createRunDirectory, or do not run as root.',
  });
}

/** The same files, readable for everyone: linked where the file allows it, else copied. */
async function share(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await chmod(target, 0o755);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    if (entry.isDirectory()) await share(from, to);
    else if (entry.isFile()) await shareFile(from, to);
  }
}

async function shareFile(from: string, to: string): Promise<void> {
  const { mode } = await stat(from);
  const isPublic = (mode & 0o004) !== 0;
  if (isPublic && (await link(from, to).then(() => true, () => false))) return;
  await cp(from, to);
  await chmod(to, (mode & 0o100) === 0 ? 0o644 : 0o755);
}
