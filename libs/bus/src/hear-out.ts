import { InvalidArgumentError, NoRespondersError, createInbox, headers, type NatsConnection } from '@nats-io/transport-node';
import { HoldfastError } from '@holdfast/contracts';
import { rejected } from './publisher.js';

export interface HearOutOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds in which the first message has to come, and those in which another has to follow each that is not the last. */
  readonly firstMs: number;
  readonly nextMs: number;
  /** Nobody waits any longer once it is aborted; its reason is thrown. */
  readonly signal: AbortSignal;
}

/** A question that is being answered, and how it is given up. */
export type GiveUp = (reason: Error) => void;

/**
 * Asks once and hears one message after the other, until `hear` returns what it all amounts to; what `hear` throws, the caller is
 * thrown. Else `bus.rejected` (not retryable) when the question is too large, `bus.unanswered` (retryable) when nobody listens, which
 * {@link isUnheard} tells apart, and `bus.silent` (retryable) when whoever listens says nothing any more.
 */
export function hearOut<T>(connection: NatsConnection, inboxes: string, open: Set<GiveUp>, subject: string, value: unknown, hear: (data: Uint8Array) => T | undefined, options: HearOutOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const reply = createInbox(inboxes);
    const unanswered = (cause: unknown): HoldfastError => new HoldfastError({ code: 'bus.unanswered', message: `Nobody answered "${subject}".`, retryable: true, remedy: 'Try again; if it lasts, check that whoever serves the subject runs.', cause });
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      open.delete(giveUp);
      options.signal.removeEventListener('abort', aborted);
      subscription.unsubscribe();
      settle();
    };
    const giveUp: GiveUp = (reason) => end(() => reject(unanswered(reason)));
    const aborted = (): void => end(() => reject(options.signal.reason));
    let heard = 0;
    // This process may have stood still itself, so what the broker has sent by now is read before anybody is taken for dead.
    const silent = (ms: number) => (): void => {
      const before = heard;
      void connection.flush().catch(() => undefined).then(() => {
        if (heard === before && open.has(giveUp)) end(() => reject(new HoldfastError({ code: 'bus.silent', message: `Nothing was heard on "${subject}" for ${ms} ms.`, retryable: true, remedy: 'Try again; if it lasts, check whoever serves the subject.' })));
      });
    };
    const subscription = connection.subscribe(reply, {
      callback: (error, message) => {
        if (error !== null) return giveUp(error);
        if (message.data.length === 0 && message.headers?.code === 503) return giveUp(new NoRespondersError(subject));
        heard += 1;
        clearTimeout(timer);
        timer = setTimeout(silent(options.nextMs), options.nextMs);
        try {
          const whole = hear(message.data);
          if (whole !== undefined) end(() => resolve(whole));
        } catch (reason) {
          end(() => reject(reason));
        }
      },
    });
    let timer = setTimeout(silent(options.firstMs), options.firstMs);
    open.add(giveUp);
    options.signal.addEventListener('abort', aborted, { once: true });
    if (options.signal.aborted) return aborted();
    const head = headers();
    for (const [name, text] of Object.entries(options.headers ?? {})) head.set(name, text);
    try {
      connection.publish(subject, JSON.stringify(value), { reply, headers: head });
    } catch (error) {
      end(() => reject(error instanceof InvalidArgumentError ? rejected(subject, error.message, error) : unanswered(error)));
    }
  });
}
