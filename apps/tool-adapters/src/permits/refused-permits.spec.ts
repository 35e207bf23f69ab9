import { describe, expect, it } from '@jest/globals';
import type { Bus, PublishAnswer } from '@holdfast/bus';
import { METRIC } from '@holdfast/observability';
import { silentLog } from '@holdfast/tool-sdk';
import { alertRefused, type RefusalAlert } from './refused-permits.js';

describe('the alert of a refused permit', () => {
  const counted: unknown[] = [];
  const metrics: RefusalAlert['metrics'] = { count: (...one) => void counted.push(one) };
  const alerted = (answer: PublishAnswer): Promise<void> => alertRefused({ bus: { publish: (() => Promise.resolve(answer)) as Bus['publish'] }, logger: silentLog, metrics, clock: () => 0 })({ tenant: 'acme', runId: 'r', callId: 'c', tool: 'pay', dispatch: 2, code: 'permit.forged', message: 'It was forged.' });

  it('is given once stored, or where it was given before, and otherwise the call is handled again', async () => {
    await expect(alerted({ status: 'stored', sequence: 1, duplicate: false } as PublishAnswer)).resolves.toBeUndefined();
    await expect(alerted({ status: 'conflict', lastSequence: 1 } as PublishAnswer)).resolves.toBeUndefined();
    await expect(alerted({ status: 'unknown', reason: 'no answer' } as PublishAnswer)).rejects.toMatchObject({ code: 'permit.alert-unsaid', retryable: true });
    // Each was a delivery that was refused.
    expect(counted).toEqual(Array.from({ length: 3 }, () => [METRIC.permitsRefused, { reason: 'permit.forged', tool: 'pay' }]));
  });
});
