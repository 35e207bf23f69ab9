import type { Json, RunEvent } from '@holdfast/contracts';
import type { EventPattern } from '../suites/suite.js';

/** True when everything in `expected` is in `actual`: members of objects by name, lists by position and length. */
export function isSubset(expected: unknown, actual: unknown): boolean {
  if (Array.isArray(expected)) return Array.isArray(actual) && actual.length === expected.length && expected.every((item, index) => isSubset(item, actual[index]));
  if (expected === null || typeof expected !== 'object') return Object.is(expected, actual);
  if (actual === null || typeof actual !== 'object' || Array.isArray(actual)) return false;
  return Object.entries(expected).every(([key, member]) => Object.hasOwn(actual, key) && isSubset(member, (actual as Record<string, unknown>)[key]));
}

/** The member at a dotted path, lists by number; undefined where there is none. */
export function memberAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, part) => (inner !== null && typeof inner === 'object' && Object.hasOwn(inner, part) ? (inner as Record<string, unknown>)[part] : undefined), value);
}

export function fits(event: RunEvent, pattern: EventPattern): boolean {
  if (event.type !== pattern.event) return false;
  if (pattern.tool !== undefined && !('tool' in event && event.tool === pattern.tool)) return false;
  if (pattern.outcome !== undefined && outcomeOf(event) !== pattern.outcome) return false;
  return pattern.where === undefined || isSubset(pattern.where, event);
}

function outcomeOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'policy-checked': return event.verdict.outcome;
    case 'tool-returned': return event.outcome.status;
    case 'approval-answered': return event.answer;
    case 'run-ended': return event.status;
    default: return undefined;
  }
}

/** The call that an event is about. */
export function callOf(event: RunEvent): string | undefined {
  if (event.type === 'policy-checked') return event.verdict.callId;
  return 'callId' in event ? event.callId : undefined;
}

/** A pattern in words. */
export function describePattern({ event, tool, outcome, where }: EventPattern): string {
  return [event, ...(tool === undefined ? [] : [`of ${tool}`]), ...(outcome === undefined ? [] : [`with ${outcome}`]), ...(where === undefined ? [] : [`where ${clip(JSON.stringify(where))}`])].join(' ');
}

/** A value for a reader, at most about 160 characters of it. */
export function show(value: Json | unknown): string {
  return clip(JSON.stringify(value) ?? 'nothing');
}

function clip(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 157)}...`;
}
