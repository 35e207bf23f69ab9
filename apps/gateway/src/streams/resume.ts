import type { FastifyRequest } from 'fastify';
import { InvalidRequest } from '../edge/problem.js';

/** A place in a run's event stream: the event that was received last. `0.0` is before the first commit. */
export interface StreamPosition {
  readonly commit: number;
  readonly index: number;
}

export const STREAM_START: StreamPosition = { commit: 0, index: 0 };

/** What a client says that it received last, as it wrote it. */
export function lastEventId({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const id = headers['last-event-id'];
  return Array.isArray(id) ? id[0] : id;
}

/** Reads `Last-Event-ID` (WHATWG HTML, server-sent events). Throws `request.invalid` for anything we never sent. */
export function readLastEventId(header: string | undefined): StreamPosition {
  if (header === undefined || header === '') return STREAM_START;
  const match = /^(\d{1,15})\.(\d{1,9})$/.exec(header);
  if (match === null) throw new InvalidRequest([{ pointer: '/Last-Event-ID', detail: 'must be <commit number>.<index>, as in the ids of this stream' }]);
  return { commit: Number(match[1]), index: Number(match[2]) };
}

/** True when the event `commit.index` comes after the position. */
export function isAfter(commit: number, index: number, position: StreamPosition): boolean {
  return commit > position.commit || (commit === position.commit && index > position.index);
}
