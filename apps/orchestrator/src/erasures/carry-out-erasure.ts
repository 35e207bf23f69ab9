import { readJson, type Bus, type WorkMessage, type WorkResult } from '@holdfast/bus';
import { ERASURES_CONSUMER, erasure, erasureAnswer, parseErasureSubject, subjects, type Erasure, type FactOf, type RunKey } from '@holdfast/contracts';
import type { DataKeys } from '@holdfast/data-keys';
import type { EventLog } from '@holdfast/event-log';
import type { Logger } from '@holdfast/observability';
import type { RunProcessor } from '../runs/run-processor.js';

/** How long after the order the key waits at most for runs that end and for memory, in milliseconds. Nobody's doubt or absence may hold up an erasure for ever. */
const LONGEST_WAIT_MS = 300_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 15_000;
/** Memory first brings itself up to date with the log. */
const MEMORY_TIMEOUT_MS = 30_000;
/** Runs of one order that are told to end at once. */
const AT_ONCE = 16;

export interface ErasureMeans {
  readonly bus: Pick<Bus, 'request'>;
  readonly log: Pick<EventLog, 'head'>;
  readonly processor: Pick<RunProcessor, 'process'>;
  readonly dataKeys: Pick<DataKeys, 'runsBefore' | 'eraseBefore'>;
  readonly logger: Logger;
  readonly clock: () => number;
}

interface Order extends Erasure {
  readonly tenant: string;
  readonly dataSubject: string;
  /** The order's sequence: keys of generations before it are erased. */
  readonly generation: number;
}

/** Carries out orders to erase data subjects, each until nothing is left to do for it. Returns how to stop. */
export function openErasures(means: ErasureMeans & { readonly bus: Pick<Bus, 'work' | 'request'> }): (graceMs: number) => Promise<void> {
  const { logger } = means;
  const worker = means.bus.work({
    consumer: ERASURES_CONSUMER, concurrency: 4,
    onError: (error, message) => logger.error({ err: error, subject: message.subject }, 'an order to erase could not be carried out and will be tried again'),
    onMissing: (description) => logger.error({ description }, 'the consumer of orders to erase is missing: run the installer'),
    handle: (message) => carryOutErasure(means, message),
  });
  return (graceMs) => worker.stop(graceMs);
}

/**
 * First the subject's runs are ended, then memory takes away what it holds, which it may have to read from the log, and then the keys go.
 * Whoever dies on the way is followed by another, who finds what is done already; all of it may be done twice.
 */
export async function carryOutErasure(means: ErasureMeans, message: Pick<WorkMessage, 'subject' | 'data' | 'sequence' | 'deliveries'>): Promise<WorkResult> {
  const { logger, clock, dataKeys } = means;
  const place = parseErasureSubject(message.subject);
  const parsed = erasure.safeParse(readJson(message.data));
  if (place === undefined || !parsed.success) {
    logger.error({ subject: message.subject }, 'an order to erase is malformed, and nothing is done for it');
    return 'done';
  }
  const order: Order = { ...parsed.data, ...place, generation: message.sequence };
  const about = { tenant: order.tenant, data_subject: order.dataSubject };
  const open = await endRuns(means, order);
  const isGone = open.length === 0 && (await erasedInMemory(means, order));
  if (!isGone && clock() < order.at + LONGEST_WAIT_MS) return { againAfterMs: Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(message.deliveries - 1, 10)) };
  if (!isGone) logger.warn({ ...about, open }, 'keys are erased though runs have not ended, or memory has not said that it is done: these runs are cut off where they are');
  const generations = await dataKeys.eraseBefore(order.tenant, order.dataSubject, order.generation);
  logger.info({ ...about, keys: generations.length }, 'an order to erase is carried out');
  return 'done';
}

/** Tells all runs of the subject to end; returns those that have not. */
async function endRuns(means: ErasureMeans, order: Order): Promise<readonly string[]> {
  const runs = await means.dataKeys.runsBefore(order.tenant, order.dataSubject, order.generation);
  const open: string[] = [];
  for (let from = 0; from < runs.length; from += AT_ONCE) {
    const ended = await Promise.all(runs.slice(from, from + AT_ONCE).map(async (runId) => [runId, await endRun(means, { tenant: order.tenant, runId }, order)] as const));
    open.push(...ended.flatMap(([runId, hasEnded]) => (hasEnded ? [] : [runId])));
  }
  return open;
}

async function endRun({ log, processor }: ErasureMeans, key: RunKey, { by, generation }: Order): Promise<boolean> {
  if (await hasEnded(log, key)) return true;
  const fact: FactOf<'control'> = { kind: 'control', id: `erasure:${generation}`, action: 'cancel', by, reason: 'what is known of the person that it is about is to be erased' };
  await processor.process(key, fact);
  return hasEnded(log, key);
}

/** A run that was noted and never began has nothing that could be erased; should it begin later, it is not the order's any more. */
async function hasEnded(log: Pick<EventLog, 'head'>, key: RunKey): Promise<boolean> {
  const head = await log.head(key);
  return head === undefined || head.commit.route === 'end' || head.commit.events.some(({ type }) => type === 'content-erased');
}

async function erasedInMemory({ bus, logger }: ErasureMeans, { tenant, dataSubject }: Order): Promise<boolean> {
  try {
    await bus.request(subjects.memoryErase(), { tenant, dataSubject }, erasureAnswer, { timeoutMs: MEMORY_TIMEOUT_MS });
    return true;
  } catch (error) {
    logger.warn({ err: error, tenant, data_subject: dataSubject }, 'memory has not said that it has erased a data subject; the keys wait for it');
    return false;
  }
}
