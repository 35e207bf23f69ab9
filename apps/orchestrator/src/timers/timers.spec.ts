import { describe, expect, it } from '@jest/globals';
import type { Bus, PublishAnswer } from '@holdfast/bus';
import { armTimer } from './timers.js';

const answering = (answer: PublishAnswer): Bus => ({ publish: async () => answer }) as unknown as Bus;

describe('arming a timer', () => {
  it.each<PublishAnswer>([{ status: 'unknown', reason: 'no answer' }, { status: 'conflict' }])('is no success when the broker answers $status', async (answer) => {
    await expect(armTimer(answering(answer), 2, { tenant: 'acme', runId: 'run-1' }, 'deadline', 1)).rejects.toMatchObject({ code: 'timer.unavailable', retryable: true, message: expect.stringContaining('acme/run-1') });
  });
});
