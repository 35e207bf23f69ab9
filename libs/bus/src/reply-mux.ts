import { NoRespondersError, PermissionViolationError, createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';

export interface AskOptions {
  /** Milliseconds until the answer is given up. */
  readonly timeoutMs: number;
  readonly headers?: MsgHdrs | undefined;
}

/** Whatever can be asked by request and reply. */
export interface Asker {
  request(subject: string, payload: Uint8Array | string, options: AskOptions): Promise<Msg>;
}

interface Question {
  readonly subject: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: Msg) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Requests with one answer each, all over one subscription. The client's own `request` records two stack traces and races
 * three promises for each question, which costs four times as much as the question itself (see `docs/adr/0014`).
 */
export class ReplyMux implements Asker {
  private readonly prefix: string;
  private readonly questions = new Map<string, Question>();
  private asked = 0;

  /** `inboxes` is the prefix under which this role may receive answers. */
  constructor(private readonly connection: NatsConnection, inboxes: string) {
    this.prefix = `${createInbox(inboxes)}.`;
    connection.subscribe(`${this.prefix}*`, {
      callback: (error, message) => {
        if (error !== null) this.giveUp(error);
        else this.receive(message);
      },
    });
  }

  /**
   * Rejects when nobody serves the subject, when no answer comes in time, when the broker refuses the question, and at
   * once with the client's own error when it cannot be sent at all.
   */
  request(subject: string, payload: Uint8Array | string, { timeoutMs, headers }: AskOptions): Promise<Msg> {
    return new Promise((resolve, reject) => {
      this.asked += 1;
      const token = this.asked.toString(36);
      this.connection.publish(subject, payload, { reply: this.prefix + token, ...(headers === undefined ? {} : { headers }) });
      const timer = setTimeout(() => this.take(token)?.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      this.questions.set(token, { subject, timer, resolve, reject });
    });
  }

  /** Nobody waits for an answer any more: those that were under way when a connection was lost never come. */
  giveUp(reason: Error): void {
    for (const token of [...this.questions.keys()]) this.take(token)?.reject(reason);
  }

  /** The broker says which subject was refused, but not which message: all questions on it are at an end. */
  refused(error: unknown): void {
    if (!(error instanceof PermissionViolationError) || error.operation !== 'publish') return;
    for (const [token, question] of [...this.questions]) {
      if (question.subject === error.subject) this.take(token)?.reject(error);
    }
  }

  private receive(message: Msg): void {
    const question = this.take(message.subject.slice(this.prefix.length));
    if (question === undefined) return;
    if (message.data.length === 0 && message.headers?.code === 503) question.reject(new NoRespondersError(question.subject));
    else question.resolve(message);
  }

  private take(token: string): Question | undefined {
    const question = this.questions.get(token);
    if (question === undefined) return undefined;
    this.questions.delete(token);
    clearTimeout(question.timer);
    return question;
  }
}
