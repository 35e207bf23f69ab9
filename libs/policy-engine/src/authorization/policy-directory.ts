import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { BUDGETS_FILE } from '../budgets/budget-rules.js';
import { APPROVALS_FILE } from './approval-rules.js';

const RULES: readonly string[] = [APPROVALS_FILE, BUDGETS_FILE];

/** The `.cedar` files of a folder and its rules on approvals and budgets, text by name; subfolders are not read. Throws `policy.unreadable`. */
export async function readPolicies(folder: string): Promise<Readonly<Record<string, string>>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory() && (entry.name.endsWith('.cedar') || RULES.includes(entry.name))).map((entry) => entry.name);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)));
  } catch (cause) {
    throw new HoldfastError({ code: 'policy.unreadable', message: `The policies in "${folder}" cannot be read.`, retryable: false, remedy: 'Correct HOLDFAST_POLICIES or what it points at, and load again.', cause });
  }
}
