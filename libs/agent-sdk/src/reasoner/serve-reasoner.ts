import { connect, nkeyAuthenticator, type Msg } from '@nats-io/transport-node';
import { HoldfastError, REASONER_SILENCE_MS, inboxPrefix, reasonerAnswer, reasonerRequest, subjects, type ReasonerFailure, type ReasonerProgress, type ReasonerRequest } from '@holdfast/contracts';
import type { z } from 'zod';

const ROLE = 'reasoner';
/** Five of these fit into the silence after which a reasoner is taken for dead. */
const WORKING_MS = REASONER_SILENCE_MS / 5;
/** What is in hand is waited for so long, in milliseconds; another instance is asked for the rest. */
const GRACE_MS = 5_000;
/** What one message of progress may say, in characters. */
const LONGEST_SAID = 8_000;

/** What a reasoner would do next: calls, or the final answer. */
export type Reasoned = Omit<z.input<typeof reasonerAnswer>, 'basis'>;

export interface ReasonerContext {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Lets whoever watches the run read along. */
  say(text: string): void;
  /** A header of the request; `traceparent` goes on with the run's trace. */
  header(name: string): string | undefined;
}

export interface ReasonerOptions {
  /** The name that agents declare as their `reasoner`. */
  readonly name: string;
  /** One or several `nats://host:port`, separated by commas. */
  readonly servers: string;
  /** The nkey seed of the role `reasoner`; only a broker without accounts does without. */
  readonly seed?: string | undefined;
  /** Throws a HoldfastError to say why there is no answer. The same request may come again, also to another instance: it must leave nothing behind. */
  readonly propose: (request: ReasonerRequest, context: ReasonerContext) => Promise<Reasoned>;
  /** Told of unexpected errors, of which the run learns only that there was one. */
  readonly onError?: (error: unknown) => void;
}

export interface ServedReasoner {
  /** Takes no more requests, answers those in hand, and closes the connection. */
  stop(): Promise<void>;
}

/** Answers for an agent's planner, together with all other instances of the same name; resolves when the broker knows of it. Reconnects for ever. */
export async function serveReasoner(options: ReasonerOptions): Promise<ServedReasoner> {
  const { name, servers, seed, onError = () => undefined } = options;
  const connection = await connect({
    servers: servers.split(',').map((server) => server.trim()), name: `reasoner-${name}`, inboxPrefix: inboxPrefix(ROLE), maxReconnectAttempts: -1,
    ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) }),
  });
  const inHand = new Set<Promise<void>>();
  const subscription = connection.subscribe(subjects.reasonerPropose(name), {
    queue: ROLE,
    callback: (error, message) => {
      if (error !== null) return onError(error);
      const answering = answerOne(message, options, onError).catch(onError).finally(() => inHand.delete(answering));
      inHand.add(answering);
    },
  });
  await connection.flush();
  return {
    stop: async () => {
      await subscription.drain();
      await Promise.race([Promise.all(inHand), new Promise((resolve) => { setTimeout(resolve, GRACE_MS).unref(); })]);
      await connection.drain();
    },
  };
}

async function answerOne(message: Msg, { propose }: ReasonerOptions, onError: (error: unknown) => void): Promise<void> {
  const send = (value: unknown): void => void message.respond(JSON.stringify(value));
  const told = (progress: Omit<ReasonerProgress, 'working'> = {}): void => send({ working: true, ...progress } satisfies ReasonerProgress);
  const parsed = reasonerRequest.safeParse(readJson(message));
  if (!parsed.success) return send(failureOf(new HoldfastError({ code: 'request.invalid', message: `The request does not follow protocol 1: ${parsed.error.message.slice(0, 2_000)}`, retryable: false, remedy: 'Run a release of the SDK that knows the protocol of the planner.' })));
  const request = parsed.data;
  const sendAnswer = (answer: Reasoned & { readonly basis: number }): void => {
    try {
      send(answer);
    } catch (cause) {
      throw new HoldfastError({ code: 'answer.unsendable', message: `The answer cannot be sent: ${String(cause)}`, retryable: true, remedy: 'Answer with less.', cause });
    }
  };
  const late = AbortSignal.timeout(request.timeoutMs);
  told();
  const working = setInterval(() => (late.aborted ? clearInterval(working) : told()), WORKING_MS);
  try {
    const reasoned = await propose(request, {
      signal: late,
      say: (text) => {
        for (let rest = text; rest !== ''; rest = rest.slice(LONGEST_SAID)) told({ said: rest.slice(0, LONGEST_SAID) });
      },
      header: (key) => message.headers?.get(key) || undefined,
    });
    sendAnswer({ ...reasoned, basis: request.basis });
  } catch (error) {
    if (!(error instanceof HoldfastError)) onError(error);
    send(failureOf(error));
  } finally {
    clearInterval(working);
  }
}

function failureOf(error: unknown): ReasonerFailure {
  if (!(error instanceof HoldfastError)) return { error: { code: 'internal', message: 'The reasoner failed unexpectedly.', retryable: true, remedy: 'Look at the log of the reasoner.' } };
  const { code, message, retryable, remedy } = error;
  return { error: { code, message: message.slice(0, 4_000), retryable, remedy: remedy.slice(0, 1_000) } };
}

function readJson(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
