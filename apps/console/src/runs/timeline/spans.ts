/** What one row of the timeline is about. */
export type SpanKind = 'model' | 'call' | 'note';

/** How it went: `open` that it goes on, `stopped` that it was refused or came to nothing. */
export type SpanState = 'open' | 'done' | 'failed' | 'stopped';

/**
 * A stretch of a span. `idle` is time in which nobody is known to have worked on it: a queue, or a process that died and the time until
 * another took over. The log cannot tell these apart, so neither do we.
 */
export type PartKind = 'work' | 'failed' | 'idle' | 'person' | 'waiting' | 'parked' | 'doubt';

export interface Part {
  readonly kind: PartKind;
  readonly start: number;
  /** Undefined while it goes on. */
  end: number | undefined;
}

/** One row of the timeline: a model's call, a tool's call with everything that became of it, or something that happened in a moment. */
export interface Span {
  readonly id: string;
  readonly kind: SpanKind;
  readonly start: number;
  end: number | undefined;
  /** The first commit that it is about, and the last. */
  readonly commit: number;
  lastCommit: number;
  title: string;
  /** A word or two beside the title. */
  note: string;
  state: SpanState;
  readonly parts: Part[];
  /** Ids of the events that it is made of. */
  readonly events: string[];
}

export function openPart(span: Span, kind: PartKind, start: number): void {
  closePart(span, start);
  span.parts.push({ kind, start, end: undefined });
}

/** Ends the part that goes on; one of no length is as if it had not been. */
export function closePart(span: Span, at: number): void {
  const last = span.parts.at(-1);
  if (last === undefined || last.end !== undefined) return;
  if (at <= last.start) span.parts.pop();
  else last.end = at;
}

/**
 * What is known of who worked when, in the place of the part that went on: work as it was told, idleness before, between and after.
 * Clocks of others differ a little, so work is kept within what the log saw.
 */
export function placeWork(span: Span, until: number, isFailed: boolean, work: readonly { readonly at: number; readonly durationMs: number; readonly isFailed: boolean }[]): void {
  const last = span.parts.at(-1);
  if (last === undefined || last.end !== undefined) return;
  span.parts.pop();
  let at = last.start;
  for (const { at: begun, durationMs, isFailed: isFailedTry } of work) {
    const start = Math.min(Math.max(begun, at), until);
    const end = Math.min(Math.max(begun + durationMs, start), until);
    if (start > at) span.parts.push({ kind: 'idle', start: at, end: start });
    span.parts.push({ kind: isFailedTry ? 'failed' : 'work', start, end });
    at = end;
  }
  if (until > at) span.parts.push({ kind: work.length > 0 ? 'idle' : isFailed ? 'failed' : 'work', start: at, end: until });
}
