import { InvalidArgumentError, NoRespondersError, headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import { rejected } from './publisher.js';
import { readJson } from './read-json.js';
import type { Asker } from './reply-mux.js';

export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean; readonly remedy: string };
}

/**
 * Asks another service and checks its answer. Throws the other side's own HoldfastError, or `bus.unanswered`
 * (retryable) when nobody answered in time, `bus.rejected` (not retryable) when the question is too large for a message, or
 * `bus.malformed` when the answer is not of the contract's shape.
 */
export async function request<T>(connection: Asker, subject: string, value: unknown, answer: z.ZodType<T>, options: RequestOptions = {}): Promise<T> {
  const head = headers();
  for (const [name, text] of Object.entries(options.headers ?? {})) head.set(name, text);
  let message: Msg;
  try {
    message = await connection.request(subject, JSON.stringify(value), { timeoutMs: options.timeoutMs ?? 2_000, headers: head });
  } catch (error) {
    // It cannot be sent at all, and no later try changes that.
    if (error instanceof InvalidArgumentError) throw rejected(subject, error.message, error);
    throw new HoldfastError({ code: 'bus.unanswered', message: `Nobody answered "${subject}" in time.`, retryable: true, remedy: 'Try again; if it lasts, check that the service that owns the subject is ready.', cause: error });
  }
  const body = readJson(message.data);
  if (isErrorBody(body)) throw new HoldfastError(body.error);
  const parsed = answer.safeParse(body);
  if (!parsed.success) {
    throw new HoldfastError({ code: 'bus.malformed', message: `The answer on "${subject}" does not follow its contract: ${parsed.error.message}`, retryable: false, remedy: 'Run the same release of all services.' });
  }
  return parsed.data;
}

/** True for a request that nobody listened to, so that it was certainly not taken. */
export function isUnheard(error: unknown): boolean {
  return error instanceof HoldfastError && error.cause instanceof NoRespondersError;
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === 'object' && body !== null && 'error' in body && typeof (body as ErrorBody).error?.code === 'string';
}

export interface RequestContext {
  readonly subject: string;
  header(name: string): string | undefined;
}

/** Requests being answered on one subject. */
export interface Served {
  readonly subscription: Subscription;
  /** Handlers that have begun and not yet answered. */
  readonly inHand: ReadonlySet<Promise<void>>;
}

export interface Service<Q, A> {
  readonly subject: string;
  /** Instances of the same queue share the requests. */
  readonly queue: string;
  readonly question: z.ZodType<Q>;
  readonly handler: (value: Q, context: RequestContext) => Promise<A>;
  /** Told of errors that are no HoldfastError, of which the asker learns only that they were unexpected. */
  readonly onUnexpected: (error: unknown, subject: string) => void;
}

/**
 * Answers requests on a subject, shared with all other instances of the service (a queue group). A request that does
 * not follow its contract is answered with `request.invalid`, an error of the handler as it is, and an answer that
 * cannot be sent (too large) with `answer.unsendable`. None of them ends the service.
 */
export function serve<Q, A>(connection: NatsConnection, service: Service<Q, A>): Served {
  const inHand = new Set<Promise<void>>();
  const subscription = connection.subscribe(service.subject, {
    queue: service.queue,
    callback: (error, message) => {
      if (error !== null) {
        service.onUnexpected(error, service.subject);
        return;
      }
      const answering = answerOne(message, service).finally(() => inHand.delete(answering));
      inHand.add(answering);
    },
  });
  return { subscription, inHand };
}

async function answerOne<Q, A>(message: Msg, { question, handler, onUnexpected }: Service<Q, A>): Promise<void> {
  const parsed = question.safeParse(readJson(message.data));
  let answer: unknown;
  try {
    if (!parsed.success) {
      throw new HoldfastError({ code: 'request.invalid', message: `The request on "${message.subject}" is malformed: ${parsed.error.message}`, retryable: false, remedy: 'Follow the contract of this subject.' });
    }
    answer = await handler(parsed.data, { subject: message.subject, header: (name) => message.headers?.get(name) || undefined });
  } catch (error) {
    if (!(error instanceof HoldfastError)) onUnexpected(error, message.subject);
    const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'internal', message: 'The service failed unexpectedly.', retryable: true, remedy: 'Look at the log of the service that owns this subject.' };
    answer = { error: shape };
  }
  try {
    message.respond(JSON.stringify(answer));
  } catch (error) {
    onUnexpected(error, message.subject);
    const shape = { code: 'answer.unsendable', message: `The answer on "${message.subject}" cannot be sent: ${String(error)}`, retryable: false, remedy: 'Ask for less at once.' };
    message.respond(JSON.stringify({ error: shape }));
  }
}
