import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import type { ConsumerDeclaration, StreamDeclaration } from '@holdfast/contracts';

/** A setting that is not as this release wants it. */
export interface Difference {
  readonly setting: string;
  readonly is: unknown;
  readonly should: unknown;
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * A stream in the server's own terms. What a declaration does not name is stated all the same: a limit that somebody set
 * by hand could drop history.
 */
export function streamSettings(declaration: StreamDeclaration, replicas: number): Settings & { readonly name: string } {
  return {
    name: declaration.name,
    subjects: [...declaration.subjects],
    retention: declaration.retention,
    storage: declaration.storage,
    num_replicas: replicas,
    allow_direct: declaration.allowDirect,
    deny_delete: declaration.appendOnly,
    deny_purge: declaration.appendOnly,
    allow_rollup_hdrs: declaration.allowSchedules,
    allow_msg_schedules: declaration.allowSchedules,
    ...(declaration.allowMessageTtl === true ? { allow_msg_ttl: true } : {}),
    max_msgs: declaration.maximumMessages ?? -1,
    max_bytes: declaration.maximumBytes ?? -1,
    max_msg_size: -1,
    max_msgs_per_subject: declaration.maximumPerSubject ?? -1,
    max_age: (declaration.maximumAgeMs ?? 0) * 1_000_000,
    // A queue that is full refuses; what is already in it has been promised to somebody.
    discard: declaration.maximumMessages === undefined ? 'old' : 'new',
    ...(declaration.republish === undefined ? {} : { republish: { src: declaration.republish.source, dest: declaration.republish.destination } }),
  } satisfies Partial<Record<keyof StreamConfig, unknown>> & { name: string };
}

export function consumerSettings(declaration: ConsumerDeclaration): Settings {
  return {
    durable_name: declaration.name,
    ...(typeof declaration.filter === 'string' ? { filter_subject: declaration.filter } : { filter_subjects: [...declaration.filter] }),
    ack_policy: 'explicit',
    deliver_policy: 'all',
    ack_wait: declaration.ackWaitMs * 1_000_000,
    max_ack_pending: declaration.maximumInFlight,
    max_deliver: -1,
  } satisfies Partial<Record<keyof ConsumerConfig, unknown>>;
}

/** Settings that the server leaves out of its answer when they are at these values. */
const LEFT_OUT: Settings = { allow_rollup_hdrs: false, allow_msg_schedules: false, deny_delete: false, deny_purge: false, allow_direct: false, max_age: 0, max_msgs_per_subject: -1 };
/** What a stream of ours never has. */
const NEVER: readonly string[] = ['mirror', 'sources', 'subject_transform', 'sealed', 'no_ack', 'subject_delete_marker_ttl'];

/** Every setting in which something that exists differs from what it should be. */
export function differences(present: Settings, wanted: Settings): readonly Difference[] {
  const found: Difference[] = [];
  for (const [setting, should] of Object.entries(wanted)) {
    const is = present[setting] ?? LEFT_OUT[setting];
    if (JSON.stringify(is) !== JSON.stringify(should)) found.push({ setting, is, should });
  }
  for (const setting of NEVER) {
    const is = present[setting];
    if (is !== undefined && is !== false && is !== 0 && is !== null && !(Array.isArray(is) && is.length === 0)) found.push({ setting, is, should: undefined });
  }
  return found;
}

/** `max_age is 3600000000000 and should be 0` for people. */
export function describeDifferences(found: readonly Difference[]): string {
  return found.map(({ setting, is, should }) => `${setting} is ${show(is)} and should be ${show(should)}`).join('; ');
}

function show(value: unknown): string {
  return value === undefined ? 'unset' : JSON.stringify(value);
}
