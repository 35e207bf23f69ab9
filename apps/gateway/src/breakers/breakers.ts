import type { z } from 'zod';
import { readJson, storedAfter, type Bus } from '@holdfast/bus';
import { GUARDS_STREAM, subjects } from '@holdfast/contracts';
import { breakerRecord, type BreakerRecord } from '@holdfast/tool-sdk';
import type { breakerList, toolBreaker } from './breakers.endpoints.js';

type ToolBreaker = z.infer<typeof toolBreaker>;

/**
 * The breakers as they are stored, at `now` in milliseconds since the Unix epoch. Each is the latest record of its tool; what cannot be
 * read says nothing, as it does to the workers. Throws `bus.unavailable` (retryable).
 */
export async function breakersAt(bus: Pick<Bus, 'getBatch'>, now: number): Promise<z.infer<typeof breakerList>> {
  const breakers = new Map<string, ToolBreaker>();
  for await (const { subject, data, header } of storedAfter(bus, GUARDS_STREAM, 0, subjects.guardRecord('*', 'breaker'))) {
    const tool = subject.split('.')[2];
    const since = Date.parse(header('Nats-Time-Stamp') ?? '');
    const record = breakerRecord.safeParse(readJson(data));
    if (tool !== undefined && record.success && Number.isFinite(since)) breakers.set(tool, standingOf(tool, record.data, since, now));
  }
  return { breakers: [...breakers.values()].sort((left, right) => (left.tool < right.tool ? -1 : 1)) };
}

/** Workers count a record's time from when they heard of it, so its end is told as it is meant, to within the time that a notice takes. */
function standingOf(tool: string, record: BreakerRecord, since: number, now: number): ToolBreaker {
  if (record.state === 'closed') return { tool, state: 'closed', since };
  const until = since + record.forMs;
  return until > now ? { tool, state: record.state, since, until } : { tool, state: 'due', since };
}
