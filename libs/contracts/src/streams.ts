/** The streams and consumers of an installation, as data. The installer applies it; permissions are derived from it. */

export const DEFAULT_PARTITIONS = 8;

/** A JetStream stream in the server's own terms (https://docs.nats.io/nats-concepts/jetstream/streams). */
export interface StreamDeclaration {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: 'limits' | 'workqueue';
  readonly storage: 'file';
  readonly allowDirect: boolean;
  /** Refuse deletes and purges: the log and the ledger can only grow. */
  readonly appendOnly: boolean;
  /** Message schedules; only the timers' stream has them, since the broker does not check a schedule's target. */
  readonly allowSchedules: boolean;
  readonly republish?: { readonly source: string; readonly destination: string };
}

/** A durable pull consumer with explicit acknowledgements. */
export interface ConsumerDeclaration {
  readonly stream: string;
  readonly name: string;
  readonly filter: string;
  /** How long a worker may be silent before its message goes to another, in milliseconds. */
  readonly ackWaitMs: number;
  readonly maximumInFlight: number;
}

const file = { storage: 'file', allowDirect: true, appendOnly: false, allowSchedules: false } as const;

export const logStream = (partition: number): string => `LOG-${partition}`;

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
    { ...file, name: 'EFFECTS', subjects: ['effects.>'], retention: 'limits', appendOnly: true },
    { ...file, name: 'INBOX', subjects: ['inbox.>'], retention: 'workqueue' },
    { ...file, name: 'TASKS', subjects: ['tasks.*'], retention: 'workqueue' },
    { ...file, name: 'TIMERS', subjects: ['timer.set.>', 'timer.due.>'], retention: 'limits', allowSchedules: true },
    { ...file, name: 'DEAD', subjects: ['dead.>'], retention: 'limits' },
  ];
}

const work = { ackWaitMs: 1_000, maximumInFlight: 512 } as const;

/** The consumer's name for the calls of one adapter. */
export const adapterConsumer = (adapter: string): string => `tools-${adapter}`;

/** All consumers of an installation: no consumer is ever made for a run. */
export function consumersOf(partitions: number, adapters: readonly string[]): readonly ConsumerDeclaration[] {
  const perPartition = Array.from({ length: partitions }, (_, partition) => [
    { ...work, stream: logStream(partition), name: 'planner', filter: `log.${partition}.*.*.plan` },
    { ...work, stream: logStream(partition), name: 'traces', filter: `log.${partition}.>`, ackWaitMs: 10_000 },
    ...adapters.map((adapter) => ({ ...work, stream: logStream(partition), name: adapterConsumer(adapter), filter: `log.${partition}.*.*.call.${adapter}` })),
  ]).flat();
  return [
    ...perPartition,
    { ...work, stream: 'INBOX', name: 'orchestrator', filter: 'inbox.>' },
    { ...work, stream: 'TIMERS', name: 'orchestrator', filter: 'timer.due.>' },
    { ...work, stream: 'TASKS', name: 'gateway', filter: 'tasks.*' },
  ];
}
