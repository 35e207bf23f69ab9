import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '@holdfast/deploy';

const LOOK_MS = 50;
const PATIENCE_MS = 60_000;

export interface GatewayAnswers {
  /** Milliseconds of the first request for one run, which may come while the gateway still reads the log. */
  readonly oneRunMs: number;
  /** Milliseconds from the first request for a list until it is answered. */
  readonly listsMs: number;
}

/** Asks a gateway that is ready for one run, and for the list until it has it. NaN is what could not be measured. */
export async function gatewayAnswers(stack: Stack, runId: string, signal: AbortSignal): Promise<GatewayAnswers> {
  const isAnswered = (path: string): Promise<boolean> =>
    fetch(`${stack.gatewayUrl}${path}`, { headers: { authorization: `Bearer ${stack.apiKeys.viewer}` } }).then(async (answer) => (await answer.arrayBuffer(), answer.ok), () => false);
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const oneRunMs = await isAnswered(`/v1/runs/${runId}`) ? elapsed() : NaN;
  while (!(await isAnswered('/v1/runs?limit=1'))) {
    if (signal.aborted || elapsed() > PATIENCE_MS) return { oneRunMs, listsMs: NaN };
    await sleep(LOOK_MS);
  }
  return { oneRunMs, listsMs: elapsed() };
}
