import { readFileSync } from 'node:fs';
import { HoldfastError, argumentRole, effectClass, toolContract, type ToolContract } from '@holdfast/contracts';
import { compileCheck } from '@holdfast/json-schema';
import { LineCounter, parseDocument } from 'yaml';
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
const MAXIMUM_BYTES = 4 * 1024 * 1024;
const MAXIMUM_ALIASES = 100;

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
  if (Buffer.byteLength(text) > MAXIMUM_BYTES) throw invalid(file, `it has more than ${MAXIMUM_BYTES} bytes`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw invalid(file, (fault.message.split('\n')[0] ?? 'it is no YAML').replace(/:$/, ''));
  const lineOf = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = document.getIn(path.slice(0, length) as (string | number)[], true) as { readonly range?: readonly number[] } | undefined;
      if (node?.range?.[0] !== undefined) return `line ${lines.linePos(node.range[0]).line}: `;
    }
    return '';
  };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAXIMUM_ALIASES });
  } catch (cause) {
    throw invalid(file, cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = contractFile.safeParse(value);
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, 20).map(({ path, message }) => `${lineOf(path)}${nameOf(value, path)}${message}`);
    throw invalid(file, faults.join('; '));
  }
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

/** `the tool "pay", field "retry.attempts": `, as far as the path says. */
function nameOf(value: unknown, [first, index, ...field]: readonly PropertyKey[]): string {
  if (first !== 'tools' || typeof index !== 'number') return first === undefined ? '' : `"${[first, ...(index === undefined ? [] : [index]), ...field].map(String).join('.')}": `;
  const name = (value as { readonly tools: readonly { readonly name?: unknown }[] }).tools[index]?.name;
  return `the tool ${typeof name === 'string' ? `"${name}"` : `number ${index + 1}`}${field.length === 0 ? '' : `, field "${field.map(String).join('.')}"`}: `;
}

function invalid(file: string, reason: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'contracts.invalid', message: `The contract file "${file}" is wrong: ${reason}.`, retryable: false, remedy: 'Correct what is named; docs/reference/tool-contracts.schema.json describes the form.', cause });
}
