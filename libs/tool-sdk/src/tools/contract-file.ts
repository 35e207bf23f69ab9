import { readFileSync } from 'node:fs';
import { HoldfastError, argumentRole, effectClass, toolContract, type ToolContract } from '@holdfast/contracts';
import { readDeclarations } from '@holdfast/declaration-files';
import { compileCheck } from '@holdfast/json-schema';
import { z } from 'zod';
import { sealContract, type ContractFields } from './contract.js';
import { defined, unmatchedRoles } from './fields.js';

const { shape } = toolContract;

/** What most tools of a file have in common. */
const defaults = z.strictObject({
  adapter: shape.adapter.optional(),
  timeoutMs: shape.timeoutMs.optional(),
  retry: shape.retry.optional(),
  concurrency: shape.concurrency.optional(),
  outputLabel: shape.outputLabel.partial({ fields: true }).optional(),
});

const written = z.strictObject({
  ...toolContract.omit({ digest: true }).partial({ adapter: true, identity: true, timeoutMs: true, retry: true, concurrency: true }).shape,
  effect: effectClass,
  roles: z.record(z.string(), argumentRole),
  outputLabel: shape.outputLabel.partial({ fields: true }).optional(),
});

/** The form of a contract file, YAML or JSON: tools, and what they have in common. */
export const contractFile = z.strictObject({ defaults: defaults.optional(), tools: z.array(written).min(1).max(1_000) });

const COMMON = { adapter: 'default', timeoutMs: 10_000, retry: { attempts: 3, baseDelayMs: 200, maxDelayMs: 5_000 }, concurrency: 8 } as const;

/** Reads a contract file; see {@link parseContracts}. Throws `contracts.unreadable` when there is none. */
export function readContracts(path: string): readonly ToolContract[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HoldfastError({ code: 'contracts.unreadable', message: `The contract file "${path}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: false, remedy: 'Correct the path.', cause });
  }
  return parseContracts(text, path);
}

/**
 * Contracts from the text of a file, sealed with their digests. JSON is YAML too. The schema of the form is
 * docs/reference/tool-contracts.schema.json. Throws `contracts.invalid` (not retryable), which names the file, the line,
 * the tool, the field and what is wrong with it.
 */
export function parseContracts(text: string, file: string): readonly ToolContract[] {
  const { value, lineOf, placeOf } = readDeclarations(text, { list: 'tools', one: 'tool' }, (reason) => invalid(file, reason));
  const parsed = contractFile.safeParse(value);
  if (!parsed.success) throw invalid(file, parsed.error.issues.slice(0, 20).map(({ path, message }) => `${placeOf(path)}${message}`).join('; '));
  const names = new Set<string>();
  return parsed.data.tools.map((tool, index) => {
    const place = `${lineOf(['tools', index])}the tool "${tool.name}"`;
    if (names.has(tool.name)) throw invalid(file, `${place} is declared twice`);
    names.add(tool.name);
    return seal(file, place, tool, parsed.data.defaults ?? {});
  });
}

function seal(file: string, place: string, tool: z.infer<typeof written>, given: z.infer<typeof defaults>): ToolContract {
  const label = tool.outputLabel ?? given.outputLabel;
  if (label === undefined) throw invalid(file, `${place} has no outputLabel, and there is none among the defaults`);
  const { unjudged: [unjudged], idle: [idle] } = unmatchedRoles(tool.input, tool.roles);
  if (unjudged !== undefined) throw invalid(file, `${place} gives its argument "${unjudged}" no role in "roles"`);
  if (idle !== undefined) throw invalid(file, `${place} has a role for "${idle}", which is no argument of its input`);
  const fields: ContractFields = { ...COMMON, ...defined(given), ...tool, identity: tool.identity ?? [], outputLabel: { ...label, fields: label.fields ?? {} } };
  try {
    for (const side of ['input', 'output'] as const) compileCheck(fields[side], `the ${side} of ${tool.name}`);
    return sealContract(fields);
  } catch (cause) {
    throw invalid(file, `${place}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function invalid(file: string, reason: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'contracts.invalid', message: `The contract file "${file}" is wrong: ${reason}.`, retryable: false, remedy: 'Correct what is named; docs/reference/tool-contracts.schema.json describes the form.', cause });
}
