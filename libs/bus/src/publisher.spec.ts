import { describe, expect, it } from '@jest/globals';
import { publish } from './publisher.js';
import type { Asker } from './reply-mux.js';

/** A broker that answers every publish with this. */
const answering = (body: unknown): Asker => ({ request: async () => ({ json: () => body }) }) as unknown as Asker;
const refusal = (code: number, errorCode: number, description: string) => ({ error: { code, err_code: errorCode, description } });

describe('what the broker says of a publish', () => {
  it.each([
    ['an earlier copy of the same id is still being replicated', refusal(409, 10158, 'duplicate message id is in process')],
    ['the queue of the stream is full', refusal(429, 10167, 'too many requests')],
    ['nobody leads the stream', refusal(503, 10008, 'jetstream system temporarily unavailable')],
  ])('is no refusal when %s: the message may be stored yet', async (_what, body) => {
    expect(await publish(answering(body), 'inbox.1.acme.r1.task', '{}')).toEqual({ status: 'unknown', reason: (body.error as { description: string }).description });
  });

  it('is a conflict, with the last sequence, when another message took the place', async () => {
    expect(await publish(answering(refusal(400, 10071, 'wrong last sequence: 7')), 'log.1.acme.r1.plan', '{}')).toEqual({ status: 'conflict', lastSequence: 7 });
  });

  it('is a refusal, which trying again does not change, when the stream forbids the message', async () => {
    await expect(publish(answering(refusal(400, 10054, 'message size exceeds maximum allowed')), 'log.1.acme.r1.plan', '{}')).rejects.toMatchObject({ code: 'bus.rejected', retryable: false });
  });
});
