import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { HoldfastError, runId as runIdSchema, type RunId, type TaskEvent } from '@holdfast/contracts';
import { requestJson } from './request-json.js';

const RETRY_DELAY_MS = 100;
const accepted = z.object({ runId: runIdSchema });

/**
 * The edge, as the requester and the operator of an eval use it. Nothing that it says about a run is believed. Every
 * request may be repeated, so each is until `deadline` (`Date.now()` milliseconds): the gateway may be the one that was
 * killed.
 */
export class GatewayClient {
  /** `approverKey` is the second person's, who answers approvals. */
  constructor(private readonly url: string, private readonly key: string, private readonly approverKey: string = key) {}

  async startTask(event: TaskEvent, deadline: number, signal?: AbortSignal): Promise<RunId> {
    const answer = await this.persist(deadline, signal, () => this.post('/v1/tasks', event, signal, 'application/cloudevents+json'));
    const parsed = accepted.safeParse(answer);
    if (!parsed.success) throw new HoldfastError({ code: 'evals.gateway-malformed', message: 'The gateway accepted the task and did not name its run.', retryable: false, remedy: 'Run the same release of all services.' });
    return parsed.data.runId;
  }

  /** An approval that was answered meanwhile, or that the gateway does not see yet, is no failure: the log decides. */
  async answerApproval(runId: RunId, approvalId: string, answer: 'approved' | 'rejected', deadline: number, signal?: AbortSignal): Promise<void> {
    try {
      await this.persist(deadline, signal, () => this.post(`/v1/runs/${runId}/approvals/${encodeURIComponent(approvalId)}`, { answer, comment: 'answered by an eval' }, signal, 'application/json', this.approverKey), ['approval.unknown', 'run.unknown']);
    } catch (error) {
      if (!(error instanceof HoldfastError) || !['approval.answered', 'run.ended'].includes(error.code)) throw error;
    }
  }

  /** Ends a run that would otherwise be in the way of the next case. */
  async cancel(runId: RunId, deadline: number): Promise<void> {
    await this.persist(deadline, undefined, () => this.post(`/v1/runs/${runId}/cancel`, { reason: 'the eval ran out of time' }, undefined)).catch(() => undefined);
  }

  async requireReady(): Promise<void> {
    await requestJson({ who: 'gateway', base: this.url, method: 'GET', path: '/health/ready' });
  }

  private post(path: string, body: unknown, signal: AbortSignal | undefined, contentType = 'application/json', token = this.key): Promise<unknown> {
    return requestJson({ who: 'gateway', base: this.url, method: 'POST', path, token, body, contentType, signal });
  }

  private async persist(deadline: number, signal: AbortSignal | undefined, ask: () => Promise<unknown>, alsoRetry: readonly string[] = []): Promise<unknown> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const again = error instanceof HoldfastError && (error.retryable || alsoRetry.includes(error.code));
        if (!again || Date.now() + RETRY_DELAY_MS > deadline || signal?.aborted === true) throw error;
        await sleep(RETRY_DELAY_MS);
      }
    }
  }
}
