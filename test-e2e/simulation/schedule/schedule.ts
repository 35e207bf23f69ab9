/** The tools of the simulated world, by effect class; see `world/tools.ts`. */
export const TOOLS = ['look', 'set', 'pay', 'ship', 'wire'] as const;
export type ToolName = (typeof TOOLS)[number];

/** What Holdfast itself serves: waiting a second, waiting two seconds for a signal, having another run do it, and giving up. */
export const RUNTIME_CALLS = ['rest', 'listen', 'delegate', 'give-up'] as const;
export type RuntimeCall = (typeof RUNTIME_CALLS)[number];

/** One call that the scripted model asks for. Calls of equal operations in different runs ask for the same effect. */
export interface PlannedCall {
  readonly tool: ToolName | RuntimeCall;
  /** 0 to 3 are small, 4 needs a person, 5 is forbidden. */
  readonly operation: number;
}

export interface RunPlan {
  readonly atMs: number;
  /** A hasty agent has few steps, a near deadline and little patience for approvals. */
  readonly agent: 'patient' | 'hasty';
  readonly steps: readonly (readonly PlannedCall[])[];
  /** How often the task event comes again. */
  readonly duplicates: number;
}

/** What a person does to a run, beside answering approvals. */
export interface Intervention {
  readonly run: number;
  /** After its task was sent. */
  readonly atMs: number;
  /** Whoever pauses a run resumes it once the log shows the pause. */
  readonly what: 'pause' | 'cancel' | 'signal';
  readonly twice: boolean;
}

/** How people answer approvals: after how long, with what, and whether twice. */
export interface Answering {
  readonly delayMs: number;
  readonly answer: 'approved' | 'rejected';
  readonly twice: boolean;
}

/**
 * Something that goes wrong. `nth` counts the messages of a schedule (each hop of each message is one), or its
 * deliveries, its reads of streams, its calls of tools or of models, from 0: so a fault hits any await point of any process.
 */
export type Fault =
  | { readonly kind: 'drop'; readonly nth: number }
  | { readonly kind: 'delay'; readonly nth: number; readonly ms: number }
  | { readonly kind: 'duplicate'; readonly nth: number; readonly ms: number }
  /** The process at this end of the message is killed: before it takes it in, or after or instead of sending it. */
  | { readonly kind: 'crash'; readonly nth: number; readonly sent: boolean; readonly ms: number }
  | { readonly kind: 'pause'; readonly nth: number; readonly ms: number }
  /** The broker loses its power; `forgets` is how many acknowledgements of each consumer were not on disk. */
  | { readonly kind: 'power-loss'; readonly nth: number; readonly ms: number; readonly forgets: number }
  /** The broker delivers a message once more, whether or not it was acknowledged. */
  | { readonly kind: 'redelivery'; readonly nth: number; readonly ms: number }
  /** A read is answered from a replica that is this many messages behind. */
  | { readonly kind: 'stale-read'; readonly nth: number; readonly behind: number }
  | { readonly kind: 'policy-down'; readonly nth: number; readonly ms: number }
  /** The contracts of all tools are found changed, and people take so long to accept them. */
  | { readonly kind: 'quarantine'; readonly nth: number; readonly ms: number }
  | { readonly kind: 'model'; readonly nth: number; readonly how: 'time-out' | 'error' | 'invents' }
  | { readonly kind: 'tool'; readonly nth: number; readonly how: 'refused' | 'not-done' | 'request-lost' | 'answer-lost' | 'late' }
  /** A dispatched call reaches the adapter with other arguments than policy saw. */
  | { readonly kind: 'forgery'; readonly nth: number };
export type FaultKind = Fault['kind'];

export const FAULTS: readonly FaultKind[] = ['drop', 'delay', 'duplicate', 'crash', 'pause', 'power-loss', 'redelivery', 'stale-read', 'policy-down', 'quarantine', 'model', 'tool', 'forgery'];

/** Everything that makes one schedule what it is: the same schedule always runs the same. */
export interface Schedule {
  /** Of latencies, of choices among equals, and of the product's own chance. */
  readonly seed: number;
  readonly partitions: number;
  readonly orchestrators: number;
  readonly planners: number;
  readonly adapters: number;
  readonly policies: number;
  /** True where the planner asks through the AI SDK, which is slower and deserves a share of the schedules only. */
  readonly throughSdk: boolean;
  /** True where orchestrators own partitions by lease; otherwise each works on all, which tries the fence harder. */
  readonly leases: boolean;
  readonly runs: readonly RunPlan[];
  readonly answering: Answering;
  readonly interventions: readonly Intervention[];
  readonly faults: readonly Fault[];
}
