import { INBOX_SOURCES } from './facts.js';
import { RUNTIME_ADAPTER } from './runtime-tools.js';
import { subjects } from './subjects.js';
import type { Team } from './teams.js';

/** The streams and consumers of an installation, as data. The installer applies it; permissions are derived from it. */

export const DEFAULT_PARTITIONS = 8;

/** A JetStream stream in the server's own terms (https://docs.nats.io/nats-concepts/jetstream/streams). */
export interface StreamDeclaration {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: 'limits' | 'workqueue';
  readonly storage: 'file' | 'memory';
  readonly allowDirect: boolean;
  /** Refuse deletes and purges: the log and the ledger can only grow. */
  readonly appendOnly: boolean;
  /** Message schedules; only the timers' stream has them, since the broker does not check a schedule's target. */
  readonly allowSchedules: boolean;
  readonly republish?: { readonly source: string; readonly destination: string };
  /** How many messages of one subject are kept, newest first; all when left out. */
  readonly maximumPerSubject?: number;
  /** A message may name its own end by the header `Nats-TTL` (NATS ADR-43). */
  readonly allowMessageTtl?: boolean;
  /** Milliseconds after which a message is dropped; never when left out. */
  readonly maximumAgeMs?: number;
  /** Bytes that it holds at most; when it is full, the oldest messages are dropped. Unlimited when left out. */
  readonly maximumBytes?: number;
  /** Messages that it holds at most; when it is full, new ones are refused. Unlimited when left out. */
  readonly maximumMessages?: number;
}

/** A durable pull consumer with explicit acknowledgements. */
export interface ConsumerDeclaration {
  readonly stream: string;
  readonly name: string;
  readonly filter: string | readonly string[];
  /** How long a worker may be silent before its message goes to another, in milliseconds. */
  readonly ackWaitMs: number;
  readonly maximumInFlight: number;
}

const file = { storage: 'file', allowDirect: true, appendOnly: false, allowSchedules: false } as const;

/** Contents of commits that are too large for the log. */
export const PAYLOADS_STREAM = 'PAYLOADS';

/** One message: what the installer made. */
export const INSTALLATION_STREAM = 'INSTALLATION';

export const LEASES_STREAM = 'KV_leases';

/** The ledger of operations: the last record of each is all that is kept, and all that is needed. */
export const EFFECTS_STREAM = 'EFFECTS';

/** What runs have taken from the budgets that they share. */
export const BUDGETS_STREAM = 'BUDGETS';

/** Models' answers that the log did not confirm at once, so that whoever takes a step over need not ask again. */
export const ANSWERS_STREAM = 'ANSWERS';

/** What models say while they speak, for whoever watches: lossy, and soon forgotten. */
export const TOKENS_STREAM = 'TOKENS';

/** What the tool workers of all pods share about a tool: its breaker, its rate. */
export const GUARDS_STREAM = 'KV_guards';

/** Of which data subjects everything is to be erased: the last order of each. */
export const ERASURES_STREAM = 'ERASURES';

/** The keys that encrypt what runs about data subjects say, and which runs these are. Keys can be deleted, unlike everything else that holds truth. */
export const DATA_KEYS_STREAM = 'DATA_KEYS';

/** Which runs belong to a thread: one message each, by subject. */
export const THREADS_STREAM = 'THREADS';

/** Contracts of tools as their servers were seen to have them, and as people accepted them. */
export const REGISTRY_STREAM = 'REGISTRY';

/** Versions of agents, the routes among them, and what was revoked. */
export const AGENTS_STREAM = 'AGENTS';

/** Canaries: what was declared, what people say of them, their evidence, verdicts and ends. */
export const CANARIES_STREAM = 'CANARIES';

/** What outsiders may know of runs, for a week: a projection of the log that holds no text. */
export const EVENTS_STREAM = 'EVENTS';
export const EVENTS_AGE_MS = 7 * 86_400_000;

export const logStream = (partition: number): string => `LOG-${partition}`;

/** The schedules of a partition's timers, and those that are due. */
export const timersStream = (partition: number): string => `TIMERS-${partition}`;

/** All streams of an installation with this number of partitions. */
export function streamsOf(partitions: number): readonly StreamDeclaration[] {
  const log = Array.from({ length: partitions }, (_, partition): StreamDeclaration => ({
    ...file,
    name: logStream(partition),
    subjects: [`log.${partition}.>`],
    retention: 'limits',
    appendOnly: true,
    republish: { source: `log.${partition}.>`, destination: `committed.${partition}.>` },
  }));
  return [
    ...log,
    { ...file, name: EFFECTS_STREAM, subjects: ['effects.>'], retention: 'limits', appendOnly: true, maximumPerSubject: 1, allowMessageTtl: true },
    { ...file, name: BUDGETS_STREAM, subjects: ['budget.>'], retention: 'limits', appendOnly: true, allowMessageTtl: true },
    // A day is longer than any orchestrator should be away; what was said is not kept beyond it outside the log.
    { ...file, name: ANSWERS_STREAM, subjects: ['answers.*.*.*'], retention: 'limits', maximumPerSubject: 1, maximumAgeMs: 86_400_000 },
    // In memory, since no token is worth a write to disk; the log has the whole answer a moment later.
    { ...file, name: TOKENS_STREAM, storage: 'memory', subjects: ['tokens.*.*'], retention: 'limits', maximumPerSubject: 1_000, maximumAgeMs: 600_000, maximumBytes: 64 * 1024 * 1024, republish: { source: 'tokens.>', destination: 'spoken.>' } },
    { ...file, name: ERASURES_STREAM, subjects: ['erasure.*.*'], retention: 'limits', appendOnly: true, maximumPerSubject: 1 },
    // Two of each: a key is deleted, bytes and all, once the word that it is erased stands behind it. That word is heard by all readers at once.
    { ...file, name: DATA_KEYS_STREAM, subjects: ['datakey.*.*.*.key', 'datakey.*.*.*.run.*'], retention: 'limits', maximumPerSubject: 2, republish: { source: 'datakey.>', destination: 'datakeyed.>' } },
    { ...file, name: THREADS_STREAM, subjects: ['thread.>'], retention: 'limits', appendOnly: true },
    // Key-value buckets by their naming (NATS ADR-8). What is published is heard by all workers at once.
    { ...file, name: GUARDS_STREAM, subjects: ['$KV.guards.>'], retention: 'limits', maximumPerSubject: 1, maximumAgeMs: 86_400_000, republish: { source: '$KV.guards.>', destination: 'guards.>' } },
    { ...file, name: REGISTRY_STREAM, subjects: ['registry.>'], retention: 'limits', appendOnly: true, republish: { source: 'registry.>', destination: 'registered.>' } },
    { ...file, name: AGENTS_STREAM, subjects: ['agent.*.version.*', 'agent.*.route', 'agent.*.revoked.*'], retention: 'limits', appendOnly: true, republish: { source: 'agent.>', destination: 'declared.>' } },
    { ...file, name: CANARIES_STREAM, subjects: ['canary.*.*'], retention: 'limits', appendOnly: true, republish: { source: 'canary.>', destination: 'trialled.>' } },
    // Each event has a subject of its own, which must be empty before: so none is written twice.
    { ...file, name: EVENTS_STREAM, subjects: ['event.>'], retention: 'limits', appendOnly: true, maximumPerSubject: 1, maximumAgeMs: EVENTS_AGE_MS },
    // Deletes are allowed: the administrator collects what a crash left behind. No service can reach them.
    { ...file, name: PAYLOADS_STREAM, subjects: ['payload.*.*'], retention: 'limits' },
    { ...file, name: 'INBOX', subjects: ['inbox.>'], retention: 'workqueue', maximumMessages: 200_000 },
    { ...file, name: 'TASKS', subjects: ['tasks.*'], retention: 'workqueue' },
    // A timer that has fired is gone once it is acknowledged; what stays are schedules. One stream writes its messages to disk one
    // after another, so a single one fires hundreds a second where eight fire thousands.
    ...Array.from({ length: partitions }, (_, partition): StreamDeclaration => ({
      ...file, name: timersStream(partition), subjects: [`timer.set.${partition}.>`, `timer.due.${partition}.>`], retention: 'workqueue', allowSchedules: true, maximumPerSubject: 1,
    })),
    { ...file, name: INSTALLATION_STREAM, subjects: ['installation'], retention: 'limits', maximumPerSubject: 1 },
    { ...file, name: 'DEAD', subjects: ['dead.>'], retention: 'limits' },
    // A key-value bucket (NATS ADR-8) of the orchestrators: who is there and who owns which partition. What nobody renews goes.
    { ...file, name: LEASES_STREAM, subjects: ['$KV.leases.>'], retention: 'limits', maximumPerSubject: 1, maximumAgeMs: 3_600_000 },
  ];
}

const work = { ackWaitMs: 1_000, maximumInFlight: 512 } as const;
/** A call that comes back too early costs a look at the ledger, where a model asked twice costs money; so calls come back sooner. */
const CALL_ACK_WAIT_MS = 500;

/** The consumer's name for the calls of one adapter. */
export const adapterConsumer = (adapter: string): string => `tools-${adapter}`;

/** Consumers of earlier releases whose filters would overlap with the present ones; the installer removes them. */
export const RETIRED_CONSUMERS: readonly Pick<ConsumerDeclaration, 'stream' | 'name'>[] = [
  { stream: 'INBOX', name: 'orchestrator' },
];

/**
 * A stream of earlier releases that holds subjects of the present ones. The broker lets no two streams have the same
 * subject, and the installer deletes nothing that may be somebody's: it says what to do.
 */
export interface RetiredStream {
  readonly name: string;
  readonly message: string;
  readonly remedy: string;
}

export const RETIRED_STREAMS: readonly RetiredStream[] = [
  {
    name: 'TIMERS',
    message: 'Stream TIMERS is of an earlier release, which kept the timers of all partitions in it; now each partition has a stream of its own.',
    remedy: 'Stop the orchestrators, delete the stream TIMERS, run the installer, and arm the timers of all open runs again from the log: node apps/orchestrator/dist/timers/rebuild.js. The log holds every timer, so none is lost; those that are overdue fire at once.',
  },
];

/** What the owner of a partition does itself: calls to Holdfast's own tools, and ends that another run may wait for. */
export function runtimeConsumer(partition: number): ConsumerDeclaration {
  return { ...work, stream: logStream(partition), name: 'runtime', filter: [`log.${partition}.*.*.call.${RUNTIME_ADAPTER}`, `log.${partition}.*.*.end`] };
}

/** The consumers that the owner of a partition pulls from: new tasks, what people say, and timers that are due. */
export function ownerConsumers(partition: number): { readonly tasks: ConsumerDeclaration; readonly people: ConsumerDeclaration; readonly timers: ConsumerDeclaration } {
  const named = (name: string): ConsumerDeclaration => {
    const found = consumersOf(partition + 1, []).find((consumer) => consumer.name === `${name}-${partition}`);
    if (found === undefined) throw new TypeError(`the contracts declare no consumer ${name}-${partition}`);
    return found;
  };
  return { tasks: named('tasks'), people: named('people'), timers: named('timers') };
}

/** The orders to erase data subjects, which any orchestrator carries out. What is erased of the log may wait for runs to end. */
export const ERASURES_CONSUMER: ConsumerDeclaration = { ...work, ackWaitMs: 10_000, stream: ERASURES_STREAM, name: 'erasures', filter: 'erasure.*.*' };

/** The projection of a partition to public events. One commit is out at a time, and the next one when it is done: so events are in the log's order, whoever dies. */
export function eventsConsumer(partition: number): ConsumerDeclaration {
  return { ...work, stream: logStream(partition), name: 'events', filter: `log.${partition}.>`, maximumInFlight: 1 };
}

/** A team reads its tenant's public events by a consumer of its own name, which remembers how far it is. */
export const teamConsumer = ({ name, tenant }: Team): ConsumerDeclaration => ({ stream: EVENTS_STREAM, name, filter: subjects.publicEvents(tenant), ackWaitMs: 30_000, maximumInFlight: 1_000 });

/** All consumers of an installation: no consumer is ever made for a run. */
export function consumersOf(partitions: number, adapters: readonly string[], teams: readonly Team[] = []): readonly ConsumerDeclaration[] {
  // People's facts have a consumer of their own, so that no flood of tasks can hold up a cancellation.
  const fromPeople = INBOX_SOURCES.filter((source) => source !== 'task');
  const perPartition = Array.from({ length: partitions }, (_, partition) => [
    { ...work, stream: logStream(partition), name: 'planner', filter: `log.${partition}.*.*.plan` },
    { ...work, stream: logStream(partition), name: 'traces', filter: `log.${partition}.>`, ackWaitMs: 10_000 },
    runtimeConsumer(partition),
    eventsConsumer(partition),
    { ...work, stream: 'INBOX', name: `tasks-${partition}`, filter: `inbox.${partition}.*.*.task` },
    { ...work, stream: 'INBOX', name: `people-${partition}`, filter: fromPeople.map((source) => `inbox.${partition}.*.*.${source}`) },
    { ...work, stream: timersStream(partition), name: `timers-${partition}`, filter: `timer.due.${partition}.>` },
    ...adapters.map((adapter) => ({ ...work, ackWaitMs: CALL_ACK_WAIT_MS, stream: logStream(partition), name: adapterConsumer(adapter), filter: `log.${partition}.*.*.call.${adapter}` })),
  ]).flat();
  return [
    ...perPartition,
    { ...work, stream: 'TASKS', name: 'gateway', filter: 'tasks.*' },
    ERASURES_CONSUMER,
    ...teams.map(teamConsumer),
  ];
}
