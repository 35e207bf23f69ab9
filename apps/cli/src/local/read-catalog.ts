import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HoldfastError, catalog, type Catalog } from '@holdfast/contracts';
import { z } from 'zod';

const told = z.object({ code: z.string(), message: z.string(), retryable: z.boolean(), remedy: z.string() });
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * What a project's modules declare, as they are on disk at this moment: they are read by a process of their own, since a module that was loaded once
 * stays as it was. Throws what `writeCatalog` throws.
 */
export async function readCatalog({ agents, tools }: { readonly agents: string; readonly tools: string }): Promise<Catalog> {
  const program = fileURLToPath(import.meta.resolve('@holdfast/deploy/catalog'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', program, agents, tools], { maxBuffer: MOST_BYTES });
    return catalog.parse(JSON.parse(stdout));
  } catch (error) {
    const last = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) ?? '' : '';
    const shape = told.safeParse(jsonIn(last));
    throw shape.success ? new HoldfastError({ ...shape.data, cause: error }) : new HoldfastError({ code: 'catalog.module-unreadable', message: `"${agents}" and "${tools}" cannot be read: ${last || String(error)}`, retryable: false, remedy: 'Correct what they do when they are loaded.', cause: error });
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
