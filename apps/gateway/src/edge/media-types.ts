import type { FastifyRequest } from 'fastify';
import { HoldfastError } from '@holdfast/contracts';

const TAKEN: ReadonlySet<string> = new Set(['application/json', 'application/cloudevents+json']);

/**
 * Lets JSON through and nothing else, before any body is read. Forms and plain text, which a page of another site may send without being
 * asked whether it may, are among what is refused. Throws `request.media-type`.
 */
export function requireTakenMediaType({ headers }: Pick<FastifyRequest, 'headers'>): void {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === undefined || TAKEN.has(type)) return;
  throw new HoldfastError({ code: 'request.media-type', message: 'The body is of a media type that is not taken here.', retryable: false, remedy: 'Send application/json, or application/cloudevents+json for tasks.' });
}
