import { z } from 'zod';
import { commonSettings, fileSetting } from '@holdfast/service';

const list = z.string().transform((text) => text.split(',').map((item) => item.trim()).filter((item) => item !== ''));

export const gatewaySettings = commonSettings.extend({
  /** The catalogue of agents and tools. */
  HOLDFAST_CATALOG: fileSetting,
  /** The API keys' file: names, tenants, roles and hashes; see `edge/api-keys.ts`. */
  HOLDFAST_API_KEYS_FILE: fileSetting,
  /** The issuers whose tokens are accepted beside keys, see `edge/identity/issuers.ts`; none when left out. */
  HOLDFAST_ISSUERS_FILE: fileSetting.optional(),
  /** The public keys by which recorded permits are verified, those of former times too; permits are not verified when left out. */
  HOLDFAST_PERMIT_PUBLIC_KEYS_FILE: fileSetting.optional(),
  /** Task events in hand at once. */
  HOLDFAST_INTAKE_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(64),
  /** Tasks of one tenant that may wait for the orchestrator; more are turned away (HTTP 429) or wait in TASKS. */
  HOLDFAST_TENANT_TASKS: z.coerce.number().int().min(1).max(1_000_000).default(2_000),
  /** Tasks that may wait in all; more are turned away (HTTP 503) or wait in TASKS. */
  HOLDFAST_WAITING_TASKS: z.coerce.number().int().min(1).max(1_000_000).default(20_000),
  /** Ended runs that lists remember, beside all that have not ended; others can still be read by id. */
  HOLDFAST_INDEXED_RUNS: z.coerce.number().int().min(1).max(10_000_000).default(20_000),
  /** Requests of one principal within ten seconds, at each gateway; more are turned away (HTTP 429). */
  HOLDFAST_RATE_PER_PRINCIPAL: z.coerce.number().int().min(1).max(10_000_000).default(3_000),
  /** Requests of a whole tenant within ten seconds, at each gateway. */
  HOLDFAST_RATE_PER_TENANT: z.coerce.number().int().min(1).max(10_000_000).default(6_000),
  /** Keys and tokens of one address that may be refused within a minute, at each gateway; then everything from there is turned away. */
  HOLDFAST_FAILURES_PER_ADDRESS: z.coerce.number().int().min(1).max(10_000_000).default(120),
  /** The addresses or networks of proxies whose `X-Forwarded-For` is believed, separated by commas; nobody's when left out. */
  HOLDFAST_TRUSTED_PROXIES: list.optional(),
  /** The names by which the gateway may be asked, beside this machine's own; any when left out, unless it listens on this machine alone. */
  HOLDFAST_HOSTS: list.optional(),
  /** For how many seconds browsers are to use TLS alone (Strict-Transport-Security), where a proxy before the gateway speaks it; 0 says nothing. */
  HOLDFAST_HSTS_SECONDS: z.coerce.number().int().min(0).max(63_072_000).default(0),
  /** Tells teams outside, over NATS, what becomes of runs: one more durable write for each public event. */
  HOLDFAST_PUBLIC_EVENTS: z.stringbool().default(false),
  /** Live event streams that are open at once, over all tenants. */
  HOLDFAST_MAXIMUM_STREAMS: z.coerce.number().int().min(1).max(100_000).default(500),
});
export type GatewaySettings = z.infer<typeof gatewaySettings>;

/** The settings, for whoever is made by Nest. */
export const GATEWAY_SETTINGS = Symbol('GatewaySettings');
