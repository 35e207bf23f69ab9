import { createServer } from 'node:net';
import { join } from 'node:path';
import { HoldfastError, type Catalog } from '@holdfast/contracts';
import { startStack, withKeptDirectory, type Stack } from '@holdfast/deploy';
import { loadBundle, readPolicies } from '@holdfast/policy-engine';
import { Gateway } from '../gateway.js';
import { handBackRoutes } from './agent-routes.js';
import { writeConnection } from './connection.js';
import { environmentOf, writeModules, type Project } from './project.js';
import { readCatalog } from './read-catalog.js';

export interface UpSettings {
  readonly project: Project;
  /** Kept, and used again by the next start. */
  readonly data: string;
  readonly port: number;
  /** Told of what takes time, and of what ends by itself. */
  readonly note: (line: string) => void;
}

/** What runs, for whoever works with it until it is stopped. */
export interface Installation {
  readonly settings: UpSettings;
  readonly stack: Stack;
  /** What was declared when it was started. */
  readonly catalog: Catalog;
  readonly keys: string;
}

/** The tenant of an installation on one machine. */
const TENANT = 'local';

/**
 * Starts everything of an installation on this machine, has it used, and stops it. Throws what is wrong with the project before anything is started;
 * `stack.runs-already`, `up.port-taken`, and what the launchers throw. When it is interrupted while it starts, it waits for what has begun, so that nothing is left behind.
 */
export async function withInstallation(settings: UpSettings, interrupted: AbortSignal, use: (installation: Installation) => Promise<void>): Promise<void> {
  const { project, data, port, note } = settings;
  await withKeptDirectory(data, async (directory) => {
    await requireFree(port);
    const application = await writeModules(project, directory.path);
    const catalog = await readCatalog(application);
    await requirePolicies(project, catalog);
    for (const { killed } of directory.leftovers) note(`ended what an earlier start had left running: ${killed.join(', ')}`);
    const stack = await startStack({
      directory, application: { ...application, policies: project.policies }, tenant: TENANT, isKept: true, gatewayPort: port, environment: await environmentOf(project),
      onProgress: (what) => void (interrupted.aborted || note(what)),
    });
    try {
      const keys = join(directory.path, 'keys');
      await writeConnection(directory.path, stack.gatewayUrl, join(keys, 'local'));
      await handBackRoutes(new Gateway({ url: stack.gatewayUrl, key: stack.apiKeys.local }));
      if (!interrupted.aborted) await use({ settings, stack, catalog, keys });
    } finally {
      note('stopping');
      await stack.stop();
    }
  });
}

/** Throws what is wrong with the policies, with file and line; the service would end with the same, where nobody looks. */
export async function requirePolicies({ policies }: Project, catalog: Catalog): Promise<string> {
  return loadBundle({ policies: await readPolicies(policies), catalog, environment: 'development' }).digest;
}

async function requireFree(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => reject(new HoldfastError({
      code: 'up.port-taken', message: `Port ${port} of 127.0.0.1 cannot be listened on: ${cause.code ?? cause.message}.`, retryable: true, remedy: 'Stop whoever listens there, or name another port with --port.', cause,
    })));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
