import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '@holdfast/deploy';

/** What a project imports. */
const PACKAGES = ['@holdfast/agent-sdk', '@holdfast/contracts', '@holdfast/policy-engine', '@holdfast/tool-sdk', '@types/node', 'ai', 'zod'];

/**
 * Links the packages of this checkout into a project, where they are not there already: they are in no registry. So are this program, and Node where the
 * checkout brought its own.
 */
export async function linkPackages(project: string): Promise<void> {
  const modules = join(project, 'node_modules');
  for (const name of PACKAGES) await link(join(REPOSITORY, 'node_modules', name), join(modules, name));
  await link(join(REPOSITORY, 'apps', 'cli', 'bin', 'holdfast.mjs'), join(modules, '.bin', 'holdfast'));
  if (process.execPath.startsWith(join(REPOSITORY, 'node_modules'))) await link(process.execPath, join(modules, '.bin', 'node'));
}

async function link(target: string, path: string): Promise<void> {
  // Also false for a link into a checkout that has gone.
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await symlink(target, path);
}
