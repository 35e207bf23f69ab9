import { describe, expect, it } from '@jest/globals';
import type { Bus, PublishAnswer } from '@holdfast/bus';
import { silentLog } from '@holdfast/tool-sdk';
import { alertRefused } from './refused-permits.js';

describe('the alert of a refused permit', () => {
  const alerted = (answer: PublishAnswer): Promise<void> => alertRefused({ bus: { publish: (() => Promise.resolve(answer)) as Bus['publish'] }, logger: silentLog, clock: () => 0 })({ tenant: 'acme', runId: 'r', callId: 'c', tool: 'pay', dispatch: 2, code: 'permit.forged', message: 'It was forged.' });

  it('is given once stored, or where it was given before, and otherwise the call is handled again', async () => {
    await expect(alerted({ status: 'stored', sequence: 1, duplicate: false } as PublishAnswer)).resolves.toBeUndefined();
    await expect(alerted({ status: 'conflict', lastSequence: 1 } as PublishAnswer)).resolves.toBeUndefined();
    await expect(alerted({ status: 'unknown', reason: 'no answer' } as PublishAnswer)).rejects.toMatchObject({ code: 'permit.alert-unsaid', retryable: true });
  });
});
