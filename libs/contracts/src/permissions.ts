import { AGENTS_STREAM, ANSWERS_STREAM, BUDGETS_STREAM, CANARIES_STREAM, DATA_KEYS_STREAM, EFFECTS_STREAM, ERASURES_STREAM, EVENTS_STREAM, GUARDS_STREAM, INSTALLATION_STREAM, LEASES_STREAM, PAYLOADS_STREAM, REGISTRY_STREAM, THREADS_STREAM, TOKENS_STREAM, adapterConsumer, consumersOf, streamsOf, timersStream } from './streams.js';
import { subjects } from './subjects.js';
import { teamAccount, type Team, type TeamAccount } from './teams.js';

/**
 * Who may use which subject. Each role has a broker account of its own; the streams live in another (`CORE`) that no
 * service can log in to. A role reaches exactly the subjects below, each through a service import, so a reply subject,
 * a schedule's target or a rollup of its own making cannot touch a stream. The broker's configuration, and the test
 * that tries every forbidden pair, are generated from this table.
 */
export const ROLES = ['gateway', 'orchestrator', 'planner', 'policy', 'tools', 'memory', 'evals', 'publisher', 'worker', 'reasoner'] as const;
export type Role = (typeof ROLES)[number];

/** The account that owns the streams. Its one user is the installer's. */
export const CORE_ACCOUNT = 'CORE';
export type Account = Role | typeof CORE_ACCOUNT;

/** The broker's own account, which nobody can log in to. Of all it offers, only the servers' status is let out. */
export const SYSTEM_ACCOUNT = 'SYS';

/**
 * Something one account offers. A `service` is asked by requests; a `stream` is listened to; what is `own` stays inside
 * its account, where the instances of one service ask one another.
 */
export interface Export {
  readonly owner: Account | typeof SYSTEM_ACCOUNT;
  readonly kind: 'service' | 'stream' | 'own';
  readonly subject: string;
  /** More than one message may answer (batched gets, pulls of more than one message). */
  readonly manyAnswers: boolean;
  readonly to: readonly (Account | TeamAccount)[];
  /** The subject under which those ask for it; the same when left out. The broker answers `$JS.API.STREAM` in each account itself, before any import. */
  readonly as?: string;
}

const services: readonly Role[] = ROLES.filter((role) => !['publisher', 'worker', 'reasoner'].includes(role));
const registryReaders: readonly Role[] = ['gateway', 'orchestrator', 'planner', 'policy', 'tools'];
const agentReaders: readonly Role[] = ['gateway', 'orchestrator', 'planner', 'policy'];
const readers: readonly Role[] = ['gateway', 'orchestrator', 'planner', 'policy', 'memory', 'evals'];

function streamService(subject: string, to: readonly Role[]): Export {
  return { owner: CORE_ACCOUNT, kind: 'service', subject, manyAnswers: false, to };
}

/** A consumer is two services: pulling its next messages and acknowledging them. */
function consumerServices(stream: string, consumer: string, to: readonly Role[]): readonly Export[] {
  return [
    { ...streamService(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, to), manyAnswers: true },
    streamService(`$JS.ACK.${stream}.${consumer}.>`, to),
  ];
}

const consumerRoles: Readonly<Record<string, Role>> = { planner: 'planner', gateway: 'gateway', events: 'gateway' };

/**
 * The prefix under which a team asks JetStream about its consumer, in the place of `$JS.API`, which the broker answers in each
 * account itself; every client of NATS can be told a prefix.
 */
export const TEAM_API_PREFIX = 'holdfast.api';

/** What a team outside may do: publish tasks of its tenant, and read with any client of NATS its own consumer of that tenant's public events. */
export function exportsOfTeam(team: Team): readonly Export[] {
  const to = [teamAccount(team)];
  const [info, next] = ['INFO', 'MSG.NEXT'].map((call) => `CONSUMER.${call}.${EVENTS_STREAM}.${team.name}`);
  return [
    { owner: CORE_ACCOUNT, kind: 'service', subject: subjects.tasks(team.tenant), manyAnswers: false, to },
    { owner: CORE_ACCOUNT, kind: 'service', subject: `$JS.API.${info}`, manyAnswers: false, to, as: `${TEAM_API_PREFIX}.${info}` },
    { owner: CORE_ACCOUNT, kind: 'service', subject: `$JS.API.${next}`, manyAnswers: true, to, as: `${TEAM_API_PREFIX}.${next}` },
    { owner: CORE_ACCOUNT, kind: 'service', subject: `$JS.ACK.${EVENTS_STREAM}.${team.name}.>`, manyAnswers: false, to },
  ];
}

/** The whole table for an installation. */
export function exportsOf(partitions: number, adapters: readonly string[], teams: readonly Team[] = []): readonly Export[] {
  const gets = streamsOf(partitions)
    .filter((stream) => stream.name.startsWith('LOG-'))
    .map((stream): Export => ({ ...streamService(`$JS.API.DIRECT.GET.${stream.name}`, readers), manyAnswers: true }));
  const toolConsumers = new Set(adapters.map(adapterConsumer));
  const consumers = consumersOf(partitions, adapters).flatMap(({ stream, name }) =>
    consumerServices(stream, name, [toolConsumers.has(name) ? 'tools' : (consumerRoles[name] ?? 'orchestrator')]),
  );
  const served = (owner: Role, subject: string, to: readonly Role[]): Export => ({ owner, kind: 'service', subject, manyAnswers: false, to });
  return [
    ...gets,
    ...consumers,
    streamService('log.>', ['orchestrator']),
    streamService('payload.*.*', ['orchestrator']),
    { ...streamService(`$JS.API.DIRECT.GET.${PAYLOADS_STREAM}`, [...readers, 'tools']), manyAnswers: true },
    streamService('timer.set.>', ['orchestrator']),
    streamService(subjects.leaseRecords(), ['orchestrator']),
    { ...streamService(`$JS.API.DIRECT.GET.${LEASES_STREAM}`, ['orchestrator']), manyAnswers: true },
    ...Array.from({ length: partitions }, (_, partition) => ({ ...streamService(`$JS.API.DIRECT.GET.${timersStream(partition)}`, ['orchestrator']), manyAnswers: true })),
    { owner: 'orchestrator', kind: 'own', subject: subjects.member('*'), manyAnswers: false, to: [] },
    streamService('effects.>', ['tools']),
    { ...streamService(`$JS.API.DIRECT.GET.${EFFECTS_STREAM}`, ['tools']), manyAnswers: true },
    streamService('budget.>', ['orchestrator']),
    { ...streamService(`$JS.API.DIRECT.GET.${BUDGETS_STREAM}`, ['orchestrator', 'gateway']), manyAnswers: true },
    streamService('answers.*.*.*', ['planner']),
    { ...streamService(`$JS.API.DIRECT.GET.${ANSWERS_STREAM}`, ['planner']), manyAnswers: true },
    streamService('tokens.*.*', ['planner']),
    { ...streamService(`$JS.API.DIRECT.GET.${TOKENS_STREAM}`, ['gateway']), manyAnswers: true },
    { owner: CORE_ACCOUNT, kind: 'stream', subject: 'spoken.>', manyAnswers: true, to: ['gateway'] },
    // Only people, through the gateway, order that something be erased.
    streamService('erasure.*.*', ['gateway']),
    { ...streamService(`$JS.API.DIRECT.GET.${ERASURES_STREAM}`, ['orchestrator', 'memory']), manyAnswers: true },
    // Whoever decodes commits reads keys, which only a master key opens; only who begins and erases runs makes and deletes them.
    streamService('datakey.>', ['orchestrator']),
    { ...streamService(`$JS.API.STREAM.MSG.DELETE.${DATA_KEYS_STREAM}`, ['orchestrator']), as: subjects.deleteDataKey() },
    { ...streamService(`$JS.API.DIRECT.GET.${DATA_KEYS_STREAM}`, [...readers, 'tools']), manyAnswers: true },
    { owner: CORE_ACCOUNT, kind: 'stream', subject: subjects.dataKeysHeard(), manyAnswers: true, to: [...readers, 'tools'] },
    streamService('thread.>', ['orchestrator']),
    { ...streamService(`$JS.API.DIRECT.GET.${THREADS_STREAM}`, ['orchestrator']), manyAnswers: true },
    streamService(subjects.guardRecords(), ['tools']),
    { ...streamService(`$JS.API.DIRECT.GET.${GUARDS_STREAM}`, ['tools', 'gateway']), manyAnswers: true },
    { owner: CORE_ACCOUNT, kind: 'stream', subject: subjects.guardsHeard(), manyAnswers: true, to: ['tools'] },
    // Only who talks to a server says what it offers, and only people, through the gateway, say what is accepted.
    streamService(subjects.observedContract('*'), ['tools']),
    streamService(subjects.acceptedContract('*'), ['gateway']),
    { ...streamService(`$JS.API.DIRECT.GET.${REGISTRY_STREAM}`, registryReaders), manyAnswers: true },
    { owner: CORE_ACCOUNT, kind: 'stream', subject: subjects.registeredHeard(), manyAnswers: true, to: registryReaders },
    // A version is what its digest says, whoever publishes it: orchestrators do before a run begins with it. What becomes of versions only people say, through the gateway.
    streamService(subjects.agentVersion('*', '*'), ['gateway', 'orchestrator']),
    streamService(subjects.agentRoute('*'), ['gateway']),
    streamService(subjects.agentRevoked('*', '*'), ['gateway']),
    { ...streamService(`$JS.API.DIRECT.GET.${AGENTS_STREAM}`, agentReaders), manyAnswers: true },
    { owner: CORE_ACCOUNT, kind: 'stream', subject: subjects.declaredHeard(), manyAnswers: true, to: agentReaders },
    // Who computes evidence says what it is and can route nothing; the gateway, for people, declares what may be routed, and routes it.
    ...[subjects.canaryDeclared('*'), subjects.canaryWord('*'), subjects.canaryEnded('*')].map((subject) => streamService(subject, ['gateway'])),
    ...[subjects.canaryEvidence('*'), subjects.canaryVerdict('*')].map((subject) => streamService(subject, ['evals'])),
    { ...streamService(`$JS.API.DIRECT.GET.${CANARIES_STREAM}`, ['gateway', 'evals']), manyAnswers: true },
    { owner: CORE_ACCOUNT, kind: 'stream', subject: subjects.canariesHeard(), manyAnswers: true, to: ['gateway', 'evals'] },
    { ...streamService(`$JS.API.DIRECT.GET.${INSTALLATION_STREAM}`, services), manyAnswers: true },
    { owner: SYSTEM_ACCOUNT, kind: 'service', subject: subjects.brokerStatus(), manyAnswers: true, to: [CORE_ACCOUNT, ...services] },
    { ...streamService('$JS.API.DIRECT.GET.DEAD', ['gateway']), manyAnswers: true },
    streamService('inbox.>', ['gateway']),
    { ...streamService('$JS.API.DIRECT.GET.INBOX', ['gateway']), manyAnswers: true },
    streamService('dead.*.intake.*', ['gateway']),
    streamService('dead.*.orchestrator.*', ['orchestrator']),
    streamService(subjects.dead('*', 'quarantine', '*'), ['orchestrator']),
    streamService(subjects.dead('*', 'permits', '*'), ['tools']),
    streamService('tasks.*', ['publisher']),
    // What outsiders are told of runs is the edge's to say.
    streamService('event.>', ['gateway']),
    { owner: CORE_ACCOUNT, kind: 'stream', subject: 'committed.>', manyAnswers: true, to: ['gateway', 'memory', 'evals'] },
    served('orchestrator', 'fact.*.*.*.plan', ['planner']),
    served('orchestrator', 'fact.*.*.*.tool', ['tools']),
    served('policy', 'policy.visible', ['planner']),
    served('policy', 'policy.authorize', ['orchestrator']),
    // Workers in other languages are asked by the tool adapters; of themselves they say no more than that their tools changed.
    served('worker', 'worker.*.execute.*', ['tools']),
    served('worker', 'worker.*.reconcile.*', ['tools']),
    served('worker', 'worker.*.describe', ['tools']),
    { owner: 'worker', kind: 'stream', subject: subjects.workerChanged('*'), manyAnswers: true, to: ['tools'] },
    // A reasoner says in several messages that it is at work, and then what it would do.
    { ...served('reasoner', subjects.reasonerPropose('*'), ['planner']), manyAnswers: true },
    served('memory', 'memory.search', ['tools', 'gateway']),
    served('memory', 'memory.thread', ['gateway']),
    served('memory', 'memory.erase', ['gateway', 'orchestrator']),
    served('memory', 'memory.threads', ['gateway']),
    served('memory', 'memory.ingest', ['gateway']),
    served('memory', 'memory.file', ['gateway']),
    served('memory', 'memory.remember', ['tools']),
    served('memory', 'memory.outcome', ['gateway']),
    served('memory', 'memory.revoke', ['gateway']),
    served('memory', 'memory.readers', ['gateway']),
    ...teams.flatMap(exportsOfTeam),
  ];
}

/** What a role's one user may publish and subscribe to, inside its own account. */
export interface UserPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** What it may hear only in the queue group of the role's name, so that it cannot listen to what its other instances are asked. */
  readonly subscribeTogether: readonly string[];
  /** A service answers requests on their reply subjects. */
  readonly mayReply: boolean;
}

/** How often and for how long a role that serves may answer one request; a time as the broker's configuration writes it. */
export function repliesOf(role: Role | TeamAccount): { readonly max: number; readonly expires: string } {
  // Reasoners take as long as models do, and say meanwhile that they are at work.
  return role === 'reasoner' ? { max: 1_200, expires: '10m' } : { max: 1, expires: '1m' };
}


/** Processes of others, which are asked for one run what another process must not overhear. */
export function sharesOnly(role: Role | TeamAccount): boolean {
  return role === 'reasoner';
}

/** The inbox prefix under which a role receives answers. */
export const inboxPrefix = (role: Role | TeamAccount): string => `_INBOX.${role}`;

/** Derived from the table: nothing that is not exported to the role, or served by it, is allowed. */
export function permissionsOf(role: Role | TeamAccount, table: readonly Export[]): UserPermissions {
  const imported = table.filter((entry) => entry.to.includes(role));
  const served = table.filter((entry) => entry.owner === role && entry.kind === 'service');
  const own = table.filter((entry) => entry.owner === role && entry.kind === 'own').map((entry) => entry.subject);
  const requests = served.map((entry) => entry.subject);
  const told = table.filter((entry) => entry.owner === role && entry.kind === 'stream').map((entry) => entry.subject);
  return {
    publish: imported.filter((entry) => entry.kind === 'service').map((entry) => entry.as ?? entry.subject).concat(own, told),
    subscribe: [...(sharesOnly(role) ? [] : requests), ...own, ...imported.filter((entry) => entry.kind === 'stream').map((entry) => entry.subject), `${inboxPrefix(role)}.>`],
    subscribeTogether: sharesOnly(role) ? requests : [],
    mayReply: served.length > 0,
  };
}

