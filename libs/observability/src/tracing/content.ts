import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { CONTENT_ATTRIBUTE } from '../names.js';

const contentKeys: readonly string[] = Object.values(CONTENT_ATTRIBUTE);

/** A copy of the attributes without what people and models wrote. */
export function withoutContent(attributes: Attributes): Attributes {
  const kept: Attributes = {};
  for (const key in attributes) {
    if (!contentKeys.includes(key)) kept[key] = attributes[key];
  }
  return kept;
}

/**
 * Removes content from a finished span, in place: its attributes and those of its events. In place, because a library that
 * writes to the active span by itself (a model SDK, for example) must be held to the same rule.
 */
export function removeContent(span: ReadableSpan): void {
  for (const key of contentKeys) delete span.attributes[key];
  for (const event of span.events) {
    for (const key of contentKeys) delete event.attributes?.[key];
  }
}

/**
 * A bound from above, near enough for limits, of what a span weighs in memory and on the wire: bytes, counting a
 * character as one byte and every structure with a flat allowance.
 */
export function estimatedBytes(span: ReadableSpan): number {
  let bytes = 512 + span.name.length + span.links.length * 256;
  bytes += attributeBytes(span.attributes);
  for (const event of span.events) bytes += 128 + event.name.length + attributeBytes(event.attributes);
  return bytes;
}

function attributeBytes(attributes: Attributes | undefined): number {
  let bytes = 0;
  for (const key in attributes) {
    const value = attributes[key];
    bytes += 48 + key.length;
    if (typeof value === 'string') bytes += value.length;
    else if (typeof value === 'object' && value !== null) bytes += JSON.stringify(value).length;
  }
  return bytes;
}
