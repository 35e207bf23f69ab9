import type { Bus } from '@holdfast/bus';
import { answerPatience, factAnswer, modelFault, subjects, type FactOf } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import { ModelError } from '../models/model-error.js';
import type { Place } from './deliver.js';

const LONGEST_TEXT = 1_000;

/** Has the log say why no model answers; once for each reason, which the orchestrator sees to. Never rejects: nothing depends on it, and the next try says it again. */
export async function tellStall({ bus, logger }: { readonly bus: Pick<Bus, 'request'>; readonly logger: Logger }, { partition, key }: Place, basis: number, error: unknown): Promise<void> {
  const code = modelFault.safeParse(error instanceof ModelError ? error.code : undefined);
  if (!(error instanceof ModelError) || !code.success) return;
  const { message, remedy, attempts } = error;
  const fact: FactOf<'stall'> = { kind: 'stall', id: `stall:${basis}:${code.data}`, basis, code: code.data, message: message.slice(0, LONGEST_TEXT), remedy: remedy.slice(0, LONGEST_TEXT), attempts: [...attempts] };
  await bus.request(subjects.fact(partition, key, 'plan'), fact, factAnswer, { timeoutMs: answerPatience(1) }).catch((failure: unknown) => {
    logger.warn({ err: failure, tenant: key.tenant, run_id: key.runId, basis }, 'that no model answers could not be told');
  });
}
