import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@holdfast/contracts';
import { OriginIndex } from './origin-index.js';

const IBAN = 'DE02100100100006820101';
const args = { supplier: 'SUP-1', iban: IBAN };
const digest = 'c'.repeat(64);
const called: RunEvent = { type: 'tool-called', callId: 'c1-1', tool: 'register', adapter: 'default', effect: 'keyed', arguments: args, contractDigest: digest, permit: 'p', amount: 5 };
const simulated: RunEvent = { type: 'call-simulated', callId: 'c1-1', tool: 'register', effect: 'keyed', arguments: args, contractDigest: digest, amount: 5, from: { runId: 'r1', number: 9 } };
/** The tool says back what it was told, as the organisation's word. */
const echoed: readonly RunEvent[] = [
  { type: 'tool-returned', callId: 'c1-1', tool: 'register', outcome: { status: 'succeeded', result: { registered: IBAN }, replayed: false, attempts: [] } },
  { type: 'observation-recorded', callId: 'c1-1', content: { registered: IBAN }, label: { trust: 'organisation', secrecy: 'internal', source: 'tool:register' }, fields: {} },
];

describe('a call that was simulated', () => {
  it('gains a value that the model wrote into it no trust by its recorded result, as little as a call that was made', () => {
    expect(OriginIndex.of(echoed).originOf(IBAN).trust).toBe('organisation');
    expect(OriginIndex.of([simulated, ...echoed]).originOf(IBAN)).toEqual(OriginIndex.of([called, ...echoed]).originOf(IBAN));
    expect(OriginIndex.of([simulated, ...echoed]).originOf(IBAN).trust).toBe('model');
  });

  it('counts for policies like one that was made', () => {
    const [made, tried] = [called, simulated].map((event) => OriginIndex.of([event, ...echoed]));
    for (const index of [made, tried]) expect(index?.hasActedUpon('register', { supplier: 'SUP-1', iban: 'another' }, ['SUP-1'])).toBe(true);
    expect(tried?.countedFor('register')).toEqual(made?.countedFor('register'));
  });
});
