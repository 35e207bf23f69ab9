import { describe, expect, it } from '@jest/globals';
import { ServiceUnavailableException } from '@nestjs/common';
import { HealthController, Readiness } from './health.js';

const refusal = async (controller: HealthController): Promise<ServiceUnavailableException> => {
  const error: unknown = await controller.ready().catch((reason: unknown) => reason);
  if (error instanceof ServiceUnavailableException) return error;
  throw new Error('it was ready');
};

describe('readiness', () => {
  it('needs every check, whether it answers at once or later', async () => {
    const readiness = new Readiness();
    readiness.add('broker', () => true);
    readiness.add('database', async () => true);
    expect(await new HealthController(readiness).ready()).toEqual({ status: 'ok', checks: { broker: true, database: true } });
  });

  it('is refused with 503 and each check’s answer when one fails', async () => {
    const readiness = new Readiness();
    readiness.add('broker', () => true);
    readiness.add('database', async () => false);
    const error = await refusal(new HealthController(readiness));
    expect(error.getStatus()).toBe(503);
    expect(error.getResponse()).toEqual({ status: 'unavailable', checks: { broker: true, database: false } });
  });

  it.each([
    ['throws', () => { throw new TypeError('broken'); }],
    ['rejects', () => Promise.reject(new TypeError('broken'))],
  ])('takes a check that %s for one that fails, and still asks the others', async (_, check) => {
    const readiness = new Readiness();
    readiness.add('broken', check);
    readiness.add('broker', () => true);
    expect((await refusal(new HealthController(readiness))).getResponse()).toEqual({ status: 'unavailable', checks: { broken: false, broker: true } });
  });

  it('asks anew each time, and a check that is added again replaces the first', async () => {
    const readiness = new Readiness();
    const controller = new HealthController(readiness);
    let up = false;
    readiness.add('broker', () => { throw new TypeError('replaced'); });
    readiness.add('broker', () => up);
    await refusal(controller);
    up = true;
    expect((await controller.ready()).checks).toEqual({ broker: true });
  });

  it('does not concern liveness', () => {
    const readiness = new Readiness();
    readiness.add('broker', () => false);
    expect(new HealthController(readiness).live()).toEqual({ status: 'ok' });
  });
});
