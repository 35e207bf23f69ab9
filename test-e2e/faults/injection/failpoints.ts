/** Something in a built module that a preload takes hold of: a method of a class or a function, by its name. */
export interface Handle {
  /** The end of the built module's path. */
  readonly module: string;
  /** `Class.method` or `function`. */
  readonly target: string;
}

export interface FailpointDeclaration extends Handle {
  readonly service: string;
  /** Where in the life of a call of the target the process dies. */
  readonly moment: 'before' | 'after';
}

const append: Handle = { module: '/libs/event-log/dist/jetstream.js', target: 'JetStreamEventLog.append' };

/**
 * The moments at which a crash is most instructive. Products have no switches for tests: the preload wraps these targets.
 * The two with a rule of their own are `between-commits` (an append that is not the last of its decision) and the
 * adapters' points, which they have already for their own specifications.
 */
export const FAILPOINTS = {
  'orchestrator.before-append': { service: 'orchestrator', ...append, moment: 'before' },
  'orchestrator.after-append': { service: 'orchestrator', ...append, moment: 'after' },
  'orchestrator.between-commits': { service: 'orchestrator', ...append, moment: 'after' },
  'orchestrator.timer-armed': { service: 'orchestrator', module: '/apps/orchestrator/dist/timers/timers.js', target: 'armTimer', moment: 'after' },
  'planner.before-model': { service: 'planner', module: '/apps/planner/dist/planning/propose.js', target: 'propose', moment: 'before' },
  'planner.after-model': { service: 'planner', module: '/apps/planner/dist/planning/propose.js', target: 'propose', moment: 'after' },
  'planner.before-deliver': { service: 'planner', module: '/apps/planner/dist/planning/deliver.js', target: 'deliver', moment: 'before' },
  'planner.after-deliver': { service: 'planner', module: '/apps/planner/dist/planning/deliver.js', target: 'deliver', moment: 'after' },
  'policy.before-answer': { service: 'policy', module: '/apps/policy/dist/authorizer/authorizer.js', target: 'Authorizer.authorize', moment: 'after' },
  'gateway.after-accept': { service: 'gateway', module: '/apps/gateway/dist/intake/fact-inbox.js', target: 'FactInbox.put', moment: 'after' },
  'tool-adapters.before-claim': adapters(),
  'tool-adapters.after-claim': adapters(),
  'tool-adapters.after-effect': adapters(),
  'tool-adapters.after-outcome': adapters(),
} as const satisfies Readonly<Record<string, FailpointDeclaration>>;

export type FailpointName = keyof typeof FAILPOINTS;
export const FAILPOINT_NAMES = Object.keys(FAILPOINTS) as readonly FailpointName[];

function adapters(): FailpointDeclaration {
  return { service: 'tool-adapters', module: '/apps/tool-adapters/dist/executor/process-failpoints.js', target: 'processFailpoints', moment: 'after' };
}
