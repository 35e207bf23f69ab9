import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';

/** Another service of the company: it knows NATS and CloudEvents and nothing of Holdfast. */
export class TaskPublisher {
  private constructor(private readonly connection: NatsConnection, private readonly subject: string) {}

  static async connect(url: string, seed: string | undefined, tenant: string): Promise<TaskPublisher> {
    const connection = await connect({
      servers: url, name: 'invoice-scanner', maxReconnectAttempts: -1, reconnectTimeWait: 100, inboxPrefix: '_INBOX.publisher',
      authenticator: seed === undefined ? undefined : nkeyAuthenticator(new TextEncoder().encode(seed)),
    });
    return new TaskPublisher(connection, `tasks.${tenant}`);
  }

  /** Publishes until the broker has stored the event. Twice is harmless: the same event is the same task. */
  async publish(event: unknown): Promise<void> {
    for (;;) {
      try {
        const answer = (await this.connection.request(this.subject, JSON.stringify(event), { timeout: 1_000 })).json<{ error?: unknown }>();
        if (answer.error === undefined) return;
      } catch {
        // The broker may be down this very moment.
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
