import { describe, expect, it } from '@jest/globals';
import type { EffectClaim } from '@holdfast/contracts';
import { digestOf } from '../tools/digest.js';
import { argumentDigestsOf, refuseOtherArguments } from './conflict.js';
import type { Operation } from './operation.js';

const key = 'a'.repeat(64);
const claimed = (args: Record<string, unknown>): EffectClaim => ({ kind: 'claim', operationKey: key, tool: 'pay', identity: { invoice: 'i-7' }, argumentsDigest: digestOf(args), argumentDigests: argumentDigestsOf(key, args), run: 'run-1', callId: 'c1-1', owner: 'one', epoch: 1, at: 1 });
const asked = (args: Record<string, unknown>): Operation => ({ tenant: 'acme', tool: 'pay', operationKey: key, identity: { invoice: 'i-7' }, argumentsDigest: digestOf(args), argumentDigests: argumentDigestsOf(key, args), runId: 'run-2', callId: 'c2-1', attemptMs: 1 });

/** What the asker is told. */
function refusal(theirs: EffectClaim, ours: Operation): string {
  try {
    refuseOtherArguments(theirs, ours);
  } catch (error) {
    return String((error as Error).message);
  }
  return 'no refusal';
}

describe('a conflict of arguments', () => {
  const first = { invoice: 'i-7', iban: 'DE02', amountCents: 100, note: { lines: [1, 2] } };

  it.each([
    { name: 'is none when they are the same, in whatever order', ours: { note: { lines: [1, 2] }, amountCents: 100, iban: 'DE02', invoice: 'i-7' }, said: /^no refusal$/ },
    { name: 'names one that is different', ours: { ...first, amountCents: 101 }, said: /They differ in "amountCents"\./ },
    { name: 'names several, also inside of lists and records', ours: { ...first, iban: 'DE03', note: { lines: [2, 1] } }, said: /They differ in "iban", "note"\./ },
    { name: 'names one that only the earlier call had', ours: { invoice: 'i-7', iban: 'DE02', amountCents: 100 }, said: /They differ in "note"\./ },
    { name: 'names one that only the later call has', ours: { ...first, urgent: true }, said: /They differ in "urgent"\./ },
  ])('$name', ({ ours, said }) => {
    expect(refusal(claimed(first), asked(ours))).toMatch(said);
  });

  it('names operation and both askers, and nothing that the earlier one said', () => {
    const said = refusal(claimed({ ...first, iban: 'DE-secret' }), asked(first));
    expect(said).toMatch(/c2-1 of run run-2 asks pay for invoice "i-7".*c1-1 of run run-1/);
    expect(said).not.toContain('secret');
  });

  it('says no more than that there is one where the record is of a release before it', () => {
    const { argumentDigests: _none, ...old } = claimed({ ...first, iban: 'DE03' });
    expect(refusal(old, asked(first))).not.toContain('differ in');
  });

  it('cuts a long name of an operation, so that the differing arguments are still read', () => {
    const ours = { ...asked({ ...first, urgent: true }), identity: { invoice: 'x'.repeat(10_000) } };
    expect(refusal(claimed(first), ours)).toMatch(/^.{0,500}"urgent"/);
  });

  it('cannot be told from the digests of another operation, nor of another argument, with the same value', () => {
    const { iban, note } = argumentDigestsOf(key, { iban: 'same', note: 'same' });
    expect(new Set([iban, note, argumentDigestsOf('b'.repeat(64), { iban: 'same' })['iban']]).size).toBe(3);
  });
});
