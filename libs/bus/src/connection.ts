import { connect, nkeyAuthenticator, nkeys, type Authenticator, type NatsConnection } from '@nats-io/transport-node';
import { HoldfastError, inboxPrefix, type Role } from '@holdfast/contracts';

export interface BusSettings {
  /** One or several `nats://host:port`, separated by commas. */
  readonly url: string;
  readonly role: Role;
  /** The role's nkey seed; without it the broker must allow anonymous access, which only specifications do. */
  readonly seed?: string;
  /** Shown in the broker's connection list. */
  readonly name: string;
  /** Told of errors that nobody waits for: a failed handler of requests, a subscription that the broker refuses. */
  readonly onUnexpected?: (error: unknown, subject: string) => void;
}

/**
 * Connects and then reconnects for ever: a service outlives its broker. Only the first connection can fail, after
 * `attempts` tries of about 250 ms each, with `bus.unreachable` (retryable), or `bus.refused` or `bus.bad-seed` (not).
 */
export async function connectToBroker(settings: BusSettings, attempts = 120): Promise<NatsConnection> {
  const authenticator = settings.seed === undefined ? undefined : authenticatorOf(settings.seed);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connect({
        servers: settings.url.split(',').map((server) => server.trim()),
        name: settings.name,
        inboxPrefix: inboxPrefix(settings.role),
        authenticator,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 100,
        reconnectJitter: 100,
        pingInterval: 5_000,
        maxPingOut: 2,
        // A refused user may only mean a broker whose new configuration is not loaded yet, so keep trying.
        ignoreAuthErrorAbort: true,
        timeout: 2_000,
      });
    } catch (error) {
      if (/authorization/i.test(String(error))) {
        throw new HoldfastError({ code: 'bus.refused', message: `The broker at ${settings.url} refused role "${settings.role}".`, retryable: false, remedy: 'Give the service the nkey seed that belongs to this broker\'s configuration.', cause: error });
      }
      if (attempt >= attempts) {
        throw new HoldfastError({ code: 'bus.unreachable', message: `No broker answers at ${settings.url}.`, retryable: true, remedy: 'Start the broker or correct NATS_URL.', cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

function authenticatorOf(seed: string): Authenticator {
  const bytes = new TextEncoder().encode(seed);
  try {
    nkeys.fromSeed(bytes);
  } catch {
    // The cause is left out: it might quote the seed.
    throw new HoldfastError({ code: 'bus.bad-seed', message: 'The seed for the broker is no nkey seed.', retryable: false, remedy: 'Give the service the whole nkey seed of its role (SU…).' });
  }
  return nkeyAuthenticator(bytes);
}
