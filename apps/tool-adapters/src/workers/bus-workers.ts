import { isUnheard, type Bus } from '@holdfast/bus';
import { HoldfastError } from '@holdfast/contracts';
import type { WorkerPort } from '@holdfast/tool-sdk';
import { z } from 'zod';

/** Reaches workers in other languages over the bus. */
export function busWorkers(bus: Pick<Bus, 'request' | 'listen'>): WorkerPort {
  return {
    async ask(subject, question, { timeoutMs, headers }) {
      try {
        return { status: 'answered', body: await bus.request(subject, question, z.unknown(), { timeoutMs, headers }) };
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error;
        // Too large to be sent, or nobody to send it to: the request has not left.
        if (error.code === 'bus.rejected' || isUnheard(error)) return { status: 'nobody' };
        return { status: 'unanswered', reason: error.message };
      }
    },
    onChange: (subject, listener) => bus.listen(subject, () => listener()),
  };
}
