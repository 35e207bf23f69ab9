import type { Route } from './commit.js';
import type { InboxSource, RequestSource } from './facts.js';
import type { RunKey } from './identifiers.js';
import type { PublicEventKind } from './public-events.js';

/** Every subject of Holdfast is built here and nowhere else; see `permissions.ts` for who may use which. */
export const subjects = {
  /** A commit of a run. The route is the last token (two tokens for `call.<adapter>`). */
  commit: (partition: number, key: RunKey, route: Route) => `log.${partition}.${key.tenant}.${key.runId}.${route}`,
  /** All commits of a run: always this identical filter for the expected sequence, or the fence has a hole. */
  run: (partition: number, key: RunKey) => `log.${partition}.${key.tenant}.${key.runId}.>`,
  /** Commits as the broker republishes them once they are stored, for live readers. */
  committed: (partition: number, key: RunKey) => `committed.${partition}.${key.tenant}.${key.runId}.>`,
  committedAll: () => 'committed.>',
  /** A fact from outside, kept durably until it is folded. */
  inbox: (partition: number, key: RunKey, source: InboxSource) => `inbox.${partition}.${key.tenant}.${key.runId}.${source}`,
  /** All tasks of a tenant (`*`: of every one) that wait in the inbox. */
  inboxTasks: (tenant: string) => `inbox.*.${tenant}.*.task`,
  /** A fact from a service that keeps its own work unacknowledged until this request is answered. */
  fact: (partition: number, key: RunKey, source: RequestSource) => `fact.${partition}.${key.tenant}.${key.runId}.${source}`,
  /** A timer's schedule and the subject on which the broker delivers it when due. */
  timerSet: (partition: number, key: RunKey, timerId: string) => `timer.set.${partition}.${key.tenant}.${key.runId}.${timerId}`,
  timerDue: (partition: number, key: RunKey, timerId: string) => `timer.due.${partition}.${key.tenant}.${key.runId}.${timerId}`,
  /** Where the messages that cancel schedules are put; the latest is kept, and nobody reads it. */
  timersCancelled: (partition: number) => `timer.set.${partition}.cancelled`,
  /** Task events from other services. */
  tasks: (tenant: string) => `tasks.${tenant}`,
  /** A public event of a run, at its place in the run: by tenant, run and kind. */
  publicEvent: (key: RunKey, commit: number, index: number, kind: PublicEventKind) => `event.${key.tenant}.run.${key.runId}.${commit}-${index}.${kind}`,
  /** That a task event was refused, by its dead letter. */
  taskRefused: (tenant: string, letter: string) => `event.${tenant}.task.${letter}.task-refused`,
  /** All public events of a tenant. */
  publicEvents: (tenant: string) => `event.${tenant}.>`,
  effect: (tenant: string, tool: string, operationKey: string) => `effects.${tenant}.${tool}.${operationKey}`,
  /** The answer of a model to a run's plan commit of this number. */
  answer: (key: RunKey, basis: number) => `answers.${key.tenant}.${key.runId}.${basis}`,
  /** The summary that a model wrote before it was asked about this plan commit. */
  summary: (key: RunKey, basis: number) => `answers.${key.tenant}.${key.runId}.summary-${basis}`,
  /** What a run's model says. Heard as `spoken.…`. */
  tokens: (key: RunKey) => `tokens.${key.tenant}.${key.runId}`,
  tokensHeard: (key: RunKey) => `spoken.${key.tenant}.${key.runId}`,
  /** One window of a budget that runs share. */
  budget: (tenant: string, account: string, window: number) => `budget.${tenant}.${account}.${window}`,
  /** All windows of a tenant's budgets. */
  budgets: (tenant: string) => `budget.${tenant}.>`,
  /** That everything known of a data subject is to be erased. */
  erasure: (tenant: string, subject: string) => `erasure.${tenant}.${subject}`,
  /** The data key of a data subject and a generation. Heard as `datakeyed.…` when it is made and when it is erased. */
  dataKey: (tenant: string, subject: string, generation: number) => `datakey.${tenant}.${subject}.${generation}.key`,
  /** All keys of a data subject, and all runs under them. */
  dataKeys: (tenant: string, subject: string) => `datakey.${tenant}.${subject}.*.key`,
  dataKeyRuns: (tenant: string, subject: string) => `datakey.${tenant}.${subject}.*.run.*`,
  allDataKeys: () => 'datakey.*.*.*.key',
  /** Deletes a message of the stream of data keys, and overwrites its bytes. */
  deleteDataKey: () => 'datakeys.delete',
  dataKeysHeard: () => 'datakeyed.*.*.*.key',
  /** That a run is encrypted by a key. */
  dataKeyRun: (tenant: string, subject: string, generation: number, runId: string) => `datakey.${tenant}.${subject}.${generation}.run.${runId}`,
  /** That a run belongs to a thread. */
  threadRun: (tenant: string, thread: string, runId: string) => `thread.${tenant}.${thread}.${runId}`,
  /** All runs of a thread. */
  threadRuns: (tenant: string, thread: string) => `thread.${tenant}.${thread}.*`,
  /** In the bucket of guards: what is shared about one tool. Heard by all workers as `guards.…`. */
  guardRecord: (tool: string, guard: 'breaker' | 'rate') => `$KV.guards.${tool}.${guard}`,
  guardRecords: () => '$KV.guards.>',
  guardsHeard: () => 'guards.>',
  /** A tool's contract as a worker found it at its server, and as a person accepted it. Heard as `registered.…`. */
  observedContract: (tool: string) => `registry.${tool}.observed`,
  acceptedContract: (tool: string) => `registry.${tool}.accepted`,
  registeredHeard: () => 'registered.>',
  /** A version of an agent, under its digest; which versions new tasks get; that a version may do nothing more. Heard as `declared.…`. */
  agentVersion: (name: string, digest: string) => `agent.${name}.version.${digest}`,
  agentRoute: (name: string) => `agent.${name}.route`,
  agentRevoked: (name: string, digest: string) => `agent.${name}.revoked.${digest}`,
  declaredHeard: () => 'declared.>',
  /** A canary, what people say of it, its evidence, what that says, and how it ended. Heard as `trialled.…`. */
  canaryDeclared: (id: string) => `canary.${id}.declared`,
  canaryWord: (id: string) => `canary.${id}.word`,
  canaryEvidence: (id: string) => `canary.${id}.evidence`,
  canaryVerdict: (id: string) => `canary.${id}.verdict`,
  canaryEnded: (id: string) => `canary.${id}.ended`,
  canariesHeard: () => 'trialled.>',
  /** Asked of workers in any language: to make an attempt, to ask the system of record, to say which tools they have. */
  workerExecute: (adapter: string, tool: string) => `worker.${adapter}.execute.${tool}`,
  workerReconcile: (adapter: string, tool: string) => `worker.${adapter}.reconcile.${tool}`,
  workerDescribe: (adapter: string) => `worker.${adapter}.describe`,
  /** A worker's notice that its tools changed: a hint to ask it again. */
  workerChanged: (adapter: string) => `worker.${adapter}.changed`,
  /** Asked of reasoners in any language: what an agent's next step should be. */
  reasonerPropose: (reasoner: string) => `reasoner.${reasoner}.propose`,
  /** The content of a claim-checked commit, by its SHA-256. */
  payload: (tenant: string, digest: string) => `payload.${tenant}.${digest}`,
  /** Each letter has a subject of its own, which must be empty before: so none is written twice. */
  dead: (tenant: string, origin: 'intake' | 'orchestrator' | 'quarantine' | 'permits', letter: string) => `dead.${tenant}.${origin}.${letter}`,
  /** In the bucket of leases: an orchestrator's sign of life, and the owner of a partition. */
  memberRecord: (member: string) => `$KV.leases.member.${member}`,
  leaseRecord: (partition: number) => `$KV.leases.partition.${partition}`,
  leaseRecords: () => '$KV.leases.>',
  /** Answered by an orchestrator itself while it is connected; nobody answers for one that is dead. */
  member: (member: string) => `member.${member}`,
  /** The installer's record of what it made. */
  installation: () => 'installation',
  /** Every server of the broker answers with its status. */
  brokerStatus: () => '$SYS.REQ.SERVER.PING.STATSZ',
  policyVisible: () => 'policy.visible',
  policyAuthorize: () => 'policy.authorize',
  memoryErase: () => 'memory.erase',
  memoryThread: () => 'memory.thread',
  memoryThreads: () => 'memory.threads',
  memorySearch: () => 'memory.search',
  memoryIngest: () => 'memory.ingest',
  memoryFile: () => 'memory.file',
  memoryRemember: () => 'memory.remember',
  memoryOutcome: () => 'memory.outcome',
  memoryRevoke: () => 'memory.revoke',
  memoryReaders: () => 'memory.readers',
} as const;

/** The run and source that a subject `inbox|fact.<partition>.<tenant>.<run>.<source>` names. */
export function parseFactSubject(subject: string): { partition: number; key: RunKey; source: string } | undefined {
  const [kind, partition, tenant, run, source, ...rest] = subject.split('.');
  if ((kind !== 'inbox' && kind !== 'fact') || !partition || !tenant || !run || !source || rest.length > 0) return undefined;
  return { partition: Number(partition), key: { tenant, runId: run }, source };
}

/** The run and timer that a subject `timer.due.<partition>.<tenant>.<run>.<timer>` names. */
export function parseTimerSubject(subject: string): { partition: number; key: RunKey; timerId: string } | undefined {
  const [kind, due, partition, tenant, run, timerId, ...rest] = subject.split('.');
  if (kind !== 'timer' || due !== 'due' || !partition || !tenant || !run || !timerId || rest.length > 0) return undefined;
  return { partition: Number(partition), key: { tenant, runId: run }, timerId };
}

/** The data subject that a subject `erasure.<tenant>.<data subject>` names. */
export function parseErasureSubject(subject: string): { tenant: string; dataSubject: string } | undefined {
  const [kind, tenant, name, ...rest] = subject.split('.');
  return kind !== 'erasure' || !tenant || !name || rest.length > 0 ? undefined : { tenant, dataSubject: name };
}

/** The place of a data key that a subject of it names, `datakey|datakeyed.<tenant>.<data subject>.<generation>.key`, and the run that one of a run does. */
export function parseDataKeySubject(subject: string): { tenant: string; dataSubject: string; generation: number; runId?: string } | undefined {
  const [kind, tenant, name, generation, what, run, ...rest] = subject.split('.');
  if (!tenant || !name || !generation || rest.length > 0 || !/^\d+$/.test(generation)) return undefined;
  const place = { tenant, dataSubject: name, generation: Number(generation) };
  if (kind !== 'datakey' && kind !== 'datakeyed') return undefined;
  if (what === 'key') return run === undefined ? place : undefined;
  return what === 'run' && run ? { ...place, runId: run } : undefined;
}

/** The run that a subject `thread.<tenant>.<thread>.<run>` says belongs to the thread. */
export function parseThreadSubject(subject: string): { key: RunKey; thread: string } | undefined {
  const [kind, tenant, thread, run, ...rest] = subject.split('.');
  if (kind !== 'thread' || !tenant || !thread || !run || rest.length > 0) return undefined;
  return { key: { tenant, runId: run }, thread };
}

/** The run that a subject `log|committed.<partition>.<tenant>.<run>.<route>` belongs to. */
export function parseCommitSubject(subject: string): { partition: number; key: RunKey; route: string } | undefined {
  const [kind, partition, tenant, run, ...rest] = subject.split('.');
  if ((kind !== 'log' && kind !== 'committed') || !partition || !tenant || !run || rest.length === 0) return undefined;
  return { partition: Number(partition), key: { tenant, runId: run }, route: rest.join('.') };
}
