import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';
import { z } from 'zod';
import type { Means } from './command.js';

const run = z.looseObject({
  runId: z.string(), status: z.string(), answer: z.string().optional(), reason: z.string().optional(),
  waitsFor: z.array(z.looseObject({ for: z.string(), approvalId: z.string().optional(), callId: z.string().optional() })).default([]),
});
export type EndedRun = z.infer<typeof run>;

const ENDED = new Set(['completed', 'failed', 'cancelled', 'erased', 'unreadable']);
const told = z.looseObject({ event: z.looseObject({ type: z.string(), approvalId: z.string().optional(), callId: z.string().optional() }) });

/** A task that was accepted appears when an orchestrator has taken it up. */
const LOOK_MS = 200;

/** Waits until a run that was just begun can be looked at; returns too when the signal comes. */
export async function untilKnown({ gateway }: Means, runId: string, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    try {
      await gateway().get(`/v1/runs/${encodeURIComponent(runId)}`, run);
      return;
    } catch (error) {
      if (!(error instanceof HoldfastError) || !(error.code === 'run.unknown' || error.retryable)) throw error;
    }
    await sleep(LOOK_MS);
  }
}

/**
 * Waits until a run has ended and tells how; undefined when the signal comes first. It reads the run's events as they come, and goes on where it
 * was when the gateway is away for a while. What the run waits for a person for is told to people meanwhile.
 */
export async function endOf({ gateway, terminal }: Means, runId: string, over: AbortSignal, { isWatched = false }: { readonly isWatched?: boolean } = {}): Promise<EndedRun | undefined> {
  const path = `/v1/runs/${encodeURIComponent(runId)}`;
  while (!over.aborted) {
    for await (const { data } of gateway().events(`${path}/stream`, over)) {
      const { event: { type, approvalId } } = told.parse(JSON.parse(data));
      if (type === 'approval-requested' && !isWatched) terminal.note?.(`It waits for a person: "holdfast approve ${runId} ${approvalId ?? ''}".`);
    }
    if (over.aborted) return undefined;
    // It may have gone away in between; the stream is tried for longer, and gives up by itself.
    const found = await gateway().get(path, run).catch((error: unknown) => {
      if (error instanceof HoldfastError && error.retryable) return undefined;
      throw error;
    });
    if (found !== undefined && ENDED.has(found.status)) return found;
  }
  return undefined;
}
