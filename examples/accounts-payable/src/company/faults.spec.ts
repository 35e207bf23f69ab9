import { describe, expect, it } from '@jest/globals';
import * as fastCheck from 'fast-check';
import { demonstrationFaults, FaultInjector, faultProfileSchema } from './faults.js';

describe('the fault injector', () => {
  it('states the same faults for the same seed, and the promised ones for every seed', () => {
    fastCheck.assert(
      fastCheck.property(fastCheck.nat(), (seed) => {
        const faults = demonstrationFaults(seed);
        expect(demonstrationFaults(seed)).toEqual(faults);
        expect(faults.map(({ kind }) => kind).sort()).toEqual(['drop-after-effect', 'hang', ...Array<string>(5).fill('unavailable')]);
        expect(faults.filter(({ kind }) => kind !== 'unavailable').every(({ route }) => route === 'POST /payments')).toBe(true);
        expect(new Set(faults.map(({ route, onRequest }) => `${route} ${onRequest}`)).size).toBe(faults.length);
      }),
      { numRuns: 50 },
    );
    expect(demonstrationFaults(1)).not.toEqual(demonstrationFaults(2));
  });

  it('fires a fault from its request on, as often as it says and never again', () => {
    const injector = new FaultInjector(faultProfileSchema.parse({ faults: [{ route: 'POST /payments', kind: 'unavailable', onRequest: 2, times: 2 }] }));
    expect([1, 2, 3, 4, 5].map(() => injector.arrive('POST /payments').fault?.kind)).toEqual([undefined, 'unavailable', 'unavailable', undefined, undefined]);
    expect(injector.arrive('POST /mail').fault).toBeUndefined();
  });

  it('keeps a drop for a request that made an effect', () => {
    const injector = new FaultInjector(faultProfileSchema.parse({ faults: [{ route: 'POST /payments', kind: 'drop-after-effect' }] }));
    expect(injector.arrive('POST /payments').fault).toBeUndefined();
    const { requestNumber } = injector.arrive('POST /payments');
    expect(injector.afterEffect('POST /payments', requestNumber)?.kind).toBe('drop-after-effect');
    expect(injector.afterEffect('POST /payments', requestNumber)).toBeUndefined();
  });
});
