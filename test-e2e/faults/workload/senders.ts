import { setTimeout as sleep } from 'node:timers/promises';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { TASK_TYPE } from '../application/scripts.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { Gateway } from './gateway.ts';
import type { Intervention, PlannedTask } from './plan.ts';

const SOURCE = '/chaos';
const RETRY_MS = 100;

export interface SenderSettings {
  readonly brokerUrl: string;
  readonly seed: string | undefined;
  readonly tenant: string;
  readonly operator: Gateway;
  readonly acknowledged: Acknowledged;
}

/** The systems that hand tasks in, and the people who interfere with runs. Each tries until it is told that it is done. */
export class Senders {
  readonly #connection: NatsConnection;
  readonly #settings: SenderSettings;
  /** Nobody tries any longer than this, in milliseconds since the epoch. */
  #until = Number.POSITIVE_INFINITY;

  private constructor(connection: NatsConnection, settings: SenderSettings) {
    this.#connection = connection;
    this.#settings = settings;
  }

  static async connect(settings: SenderSettings): Promise<Senders> {
    const connection = await connect({
      servers: settings.brokerUrl.split(','), name: 'chaos-sender', maxReconnectAttempts: -1, reconnectTimeWait: 100, inboxPrefix: '_INBOX.publisher',
      authenticator: settings.seed === undefined ? undefined : nkeyAuthenticator(new TextEncoder().encode(settings.seed)),
    });
    return new Senders(connection, settings);
  }

  /** Hands all tasks in at their times, and resolves when each is acknowledged and all interventions are made. */
  async send(tasks: readonly PlannedTask[]): Promise<void> {
    const started = Date.now();
    await Promise.all(tasks.map(async (task) => {
      await sleep(Math.max(0, started + task.atMs - Date.now()));
      const runId = await this.#handIn(task);
      if (task.twice && Date.now() < this.#until) await this.#handIn(task);
      if (runId !== undefined) for (const [index, intervention] of task.interventions.entries()) await this.#intervene(runId, intervention, index);
    }));
  }

  giveUpAt(instant: number): void {
    this.#until = instant;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #handIn(task: PlannedTask): Promise<string | undefined> {
    const event = { specversion: '1.0', id: task.id, source: SOURCE, type: TASK_TYPE, data: { goal: task.id, script: task.script } };
    while (Date.now() < this.#until) {
      if (task.by === 'http') {
        const { status, body } = await this.#settings.operator.post('/v1/tasks', event, { 'content-type': 'application/cloudevents+json' });
        if (status === 202) {
          this.#settings.acknowledged.task(task.id);
          return String(body['runId']);
        }
      } else if (await this.#publish(event)) {
        this.#settings.acknowledged.task(task.id);
        return undefined;
      }
      await sleep(RETRY_MS);
    }
    return undefined;
  }

  async #publish(event: unknown): Promise<boolean> {
    try {
      const answer = (await this.#connection.request(`tasks.${this.#settings.tenant}`, JSON.stringify(event), { timeout: 1_000 })).json<{ error?: unknown }>();
      return answer.error === undefined;
    } catch {
      return false;
    }
  }

  async #intervene(runId: string, intervention: Intervention, index: number): Promise<void> {
    switch (intervention) {
      case 'signal': return this.#say(runId, `signals/word-${index}`, { index }, { kind: 'signal', about: `word-${index}` });
      case 'cancel': return this.#say(runId, 'cancel', {}, { kind: 'cancel', about: '' });
      case 'pause': return this.#say(runId, 'pause', {}, { kind: 'pause', about: '' });
      case 'pause-and-resume':
        await this.#say(runId, 'pause', {}, { kind: 'pause', about: '' });
        return this.#say(runId, 'resume', {}, { kind: 'resume', about: '' });
    }
  }

  /** A run that is not there yet, or not paused yet, is waited for, and one that has ended is left alone. */
  async #say(runId: string, path: string, body: unknown, fact: Pick<Parameters<Acknowledged['fact']>[0], 'kind' | 'about'>): Promise<void> {
    while (Date.now() < this.#until) {
      const { status, body: answer } = await this.#settings.operator.post(`/v1/runs/${runId}/${path}`, body, { 'idempotency-key': `${runId}-${path}` });
      if (status === 202) return this.#settings.acknowledged.fact({ ...fact, runId, factId: String(answer['factId']) });
      if (status === 409 && answer['code'] !== 'run.not-paused') return;
      await sleep(RETRY_MS);
    }
  }
}
