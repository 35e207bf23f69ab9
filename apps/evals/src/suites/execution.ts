import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '@holdfast/contracts';
import type { Suite, SuiteCase } from './suite.js';

/** One execution of a case by name; repeats are counted from 1. */
export interface Execution {
  readonly name: string;
  readonly repeat: number;
}

/** What is to be executed, in order: each case once, then each again. */
export function executionsOf({ cases, repeats }: Suite, skip: readonly Execution[]): readonly { readonly given: SuiteCase; readonly repeat: number }[] {
  const skipped = new Set(skip.map(({ name, repeat }) => `${repeat} ${name}`));
  return Array.from({ length: repeats }, (_, index) => index + 1)
    .flatMap((repeat) => cases.map((given) => ({ given, repeat })))
    .filter(({ given, repeat }) => !skipped.has(`${repeat} ${given.name}`));
}

/** SHA-256, in hexadecimal, of the suite's canonical JSON (RFC 8785). */
export function suiteDigest(suite: Suite): string {
  return createHash('sha256').update(canonicalJson(suite as unknown as Json)).digest('hex');
}

/** Stands in events and expectations for a word that is different in each execution of a case. */
export const EXECUTION = '{execution}';

/** The value with texts replaced in all its strings, keys left alone. */
export function replaceTexts<T>(value: T, replacements: Readonly<Record<string, string>>): T {
  return mapTexts(value, (text) => Object.entries(replacements).reduce((result, [old, next]) => result.replaceAll(old, next), text)) as T;
}

/**
 * One execution of a case: its event has an id of its own, so that it begins a run of its own, and `{execution}` is
 * written out in event and expectation.
 */
export function executionOf(given: SuiteCase, execution: string): SuiteCase {
  const { event, expect } = replaceTexts({ event: given.event, expect: given.expect }, { [EXECUTION]: execution });
  return { ...given, expect, event: { ...event, id: `${event.id}-${execution}` } };
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapTexts(member, change)]));
}
