import { LineCounter, isNode, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import { suiteSource, type SuiteSource } from './suite.js';

const SHOWN_ISSUES = 20;

/**
 * Reads a suite from YAML 1.2. `place` names the file in messages. Throws `suite.invalid`, whose message has one line for
 * each thing that is wrong: `file:line field: what`.
 */
export function parseSuite(source: string, place: string): SuiteSource {
  const lines = new LineCounter();
  // Few aliases are ever needed; many are how a small file becomes a huge value.
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) throw invalid(document.errors.map((error) => `${place}:${lines.linePos(error.pos[0]).line}: ${error.message}`));
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw invalid([`${place}:1: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const parsed = suiteSource.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(issuesOf(parsed.error).map(({ path, message }) => `${place}:${lineOf(document, lines, path)} ${fieldOf(path)}: ${message}`));
}

/** The issues of a suite that was given as a value, `field: what`, in one error. */
export function suiteInvalid(error: z.ZodError): HoldfastError {
  return invalid(issuesOf(error).map(({ path, message }) => `${fieldOf(path)}: ${message}`));
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A misspelt member is reported where it stands, not where it was not expected. */
function issuesOf(error: z.ZodError): readonly Issue[] {
  return error.issues.flatMap((issue): readonly Issue[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not known here' }));
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const nearest = nearestOf(issue.errors);
      if (nearest !== undefined) return nearest.flatMap((inner) => (inner.code === 'unrecognized_keys' ? inner.keys.map((key) => ({ path: [...issue.path, ...inner.path, key], message: 'is not known here' })) : [{ path: [...issue.path, ...inner.path], message: inner.message }]));
    }
    return [{ path: issue.path, message: issue.message }];
  });
}

type Inner = z.core.$ZodIssue;

/** Of several forms, the one that was meant when its faults are all deeper than a missing or unknown member. */
function nearestOf(forms: readonly (readonly Inner[])[]): readonly Inner[] | undefined {
  const fitting = forms.filter((faults) => faults.length > 0 && faults.every((fault) => fault.path.length > 0 && !(fault.code === 'invalid_type' && fault.input === undefined)));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('') || '(suite)';
}

/** The line of the deepest part of the path that was written at all. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function invalid(problems: readonly string[]): HoldfastError {
  const shown = problems.slice(0, SHOWN_ISSUES);
  const rest = problems.length > shown.length ? [`and ${problems.length - shown.length} more`] : [];
  return new HoldfastError({ code: 'suite.invalid', message: `The suite cannot be run:\n${[...shown, ...rest].map((line) => `  ${line}`).join('\n')}`, retryable: false, remedy: 'Correct the lines above.' });
}
