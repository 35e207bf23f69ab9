import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claimedCommit, subjects, type Commit } from '@holdfast/contracts';
import { seal } from '../chain.js';
import { decodeAtOnce } from '../decoding/decode.js';
import { storedForm } from './claim-check.js';

const key = { tenant: 'acme', runId: 'run-1' };
const commitOf = (content: string, checkpoint?: string): Commit => seal(key, { at: 1, cause: { kind: 'test', id: 'x' }, route: 'wait', events: [{ type: 'timer-fired', timerId: content }], ...(checkpoint === undefined ? {} : { checkpoint: { checkpoint } }) }, undefined);

/** Stores a commit with these limits and reads it back from the messages alone. */
function roundTrip(commit: Commit, limit: number, maximumPayload: number) {
  const { message, payloads } = storedForm(commit, limit, maximumPayload);
  const there = new Map(payloads.map(({ digest, data }) => [digest, data]));
  const stored = { subject: subjects.commit(0, key, 'wait'), sequence: 1, data: new TextEncoder().encode(message) };
  return { messages: [stored.data, ...payloads.map(({ data }) => data)], read: (missing?: string) => decodeAtOnce(stored, undefined, (_, digest) => (digest === missing ? undefined : there.get(digest))), payloads, claimed: payloads.length === 0 ? undefined : claimedCommit.parse(JSON.parse(message)) };
}

describe('the stored form of a commit', () => {
  it('gives any content back whole from messages that the broker takes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 16_384, max: 65_536 }), (unit, times, limit, maximum) => {
      const commit = commitOf(unit.repeat(times), unit);
      const { messages, read } = roundTrip(commit, limit, maximum);
      expect(read()?.commit).toEqual(commit);
      expect(Math.max(...messages.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(maximum - 1_024);
    }), { numRuns: 200 });
  });

  it.each([
    [100, undefined], [3_000, 2], [5_000, 2], [7_168 - 200, 2], [7_168, 3], [9_000, 3], [100_000, 3],
  ])('of %i characters has format %p of a claim check at a limit of 2 kB and messages of 8 kB', (characters, format) => {
    expect(roundTrip(commitOf('x'.repeat(characters)), 2_000, 8_192).claimed?.format).toBe(format);
  });

  it('of one content has the same messages each time, so that storing them twice changes nothing', () => {
    const messagesOf = () => roundTrip(commitOf('x'.repeat(100_000)), 2_000, 8_192).messages;
    expect(messagesOf()).toEqual(messagesOf());
  });

  it('is not whole without any one of its parts', () => {
    const { payloads, read } = roundTrip(commitOf('x'.repeat(30_000)), 2_000, 8_192);
    expect(payloads.length).toBeGreaterThan(4);
    for (const { digest } of payloads) expect(read(digest)).toBeUndefined();
  });

  it('shows when any one of its parts was altered or exchanged for another', () => {
    const { message, payloads } = storedForm(commitOf('x'.repeat(30_000)), 2_000, 8_192);
    const stored = { subject: subjects.commit(0, key, 'wait'), sequence: 1, data: new TextEncoder().encode(message) };
    for (const [index, { digest }] of payloads.entries()) {
      const other = payloads[(index + 1) % payloads.length]?.data;
      expect(() => decodeAtOnce(stored, undefined, (_, asked) => (asked === digest ? other : payloads.find((payload) => payload.digest === asked)?.data))).toThrow(expect.objectContaining({ code: 'log.corrupt', message: expect.stringContaining('altered') }));
    }
  });

  it('that would have too many parts is refused by the name of its run', () => {
    expect(() => storedForm(commitOf('x'.repeat(400_000)), 2_000, 8_192)).toThrow(expect.objectContaining({ code: 'log.commit-too-large', retryable: false, message: expect.stringContaining('acme/run-1'), remedy: expect.stringContaining('max_payload') }));
  });
});
