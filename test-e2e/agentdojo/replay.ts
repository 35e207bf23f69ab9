import { NO_MEANS, type AgentDeclaration, type Catalog, type Strategy, type ToolContract } from '@holdfast/contracts';
import { ToldRun, authorizeCall, loadBundle, type Judgement, type PlanScope, type PolicyBundle } from '@holdfast/policy-engine';
import { WRITINGS, injectedText, planted, written, type Attack, type Writing } from './attack.ts';
import { AGENT, TASK_TYPE } from './overlay.ts';
import type { RecordedCall, Recording, AgentDojoSuite as Suite } from '@holdfast/evals/datasets';

/** What became of one call. */
export interface Played {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly verdict: Judgement;
  /** True when it ran though no person was asked. */
  readonly ranAlone: boolean;
}

/** Every tool is permitted, so that nothing but the engine's own information-flow rules stands in the attacker's way. */
const PERMIT_ALL = '@id("all")\npermit (principal, action, resource);\n';

/** The suite's policies and contracts, checked against each other. */
export function bundleFor(catalog: Catalog): PolicyBundle {
  return loadBundle({ policies: { 'all.cedar': PERMIT_ALL }, catalog });
}

/** What a place of the attacker's holds: its default, or the attack. */
type Fill = (text: string) => string;
/** What a tool gives back for a recorded call. */
type ResultOf = (call: RecordedCall, contract: ToolContract) => unknown;

/** One run, as the log would have it: the task, and each call that ran with what it gave back. */
class Run {
  private readonly run: ToldRun;
  private calls = 0;
  private readonly agent: AgentDeclaration;
  private readonly bundle: PolicyBundle;
  private readonly resultOf: ResultOf;
  private readonly plan: PlanScope | undefined;

  constructor(bundle: PolicyBundle, prompt: string, resultOf: ResultOf, plan: PlanScope | undefined) {
    this.plan = plan;
    this.bundle = bundle;
    this.resultOf = resultOf;
    const agent = bundle.agents.get(AGENT);
    if (agent === undefined) throw new TypeError(`the catalogue has no agent "${AGENT}"`);
    this.agent = agent;
    this.run = new ToldRun(agent, { type: TASK_TYPE, goal: prompt });
  }

  /** Judges a call, lets it run when it may, or when a person is asked and `approves`, and records what it gave back. */
  play(call: RecordedCall, approves: boolean, args: Readonly<Record<string, unknown>>): Played {
    this.calls += 1;
    const callId = `call-${this.calls}`;
    const question = { call: { callId, requestId: callId, tool: call.tool, arguments: args }, agent: this.agent, tenant: 'replay', task: { type: TASK_TYPE, requester: 'user' }, environment: 'replay', index: this.run.index, plan: this.plan };
    const verdict = authorizeCall(this.bundle, question);
    const ranAlone = verdict.outcome === 'allow';
    const isApproved = !ranAlone && approves && verdict.outcome === 'ask' && authorizeCall(this.bundle, { ...question, approvers: [{ by: 'person', roles: [] }] }).outcome === 'allow';
    const contract = this.bundle.tools.get(call.tool)?.contract;
    if (contract !== undefined && (ranAlone || isApproved)) this.run.observe(contract, args, this.resultOf(call, contract));
    return { tool: call.tool, arguments: args, verdict, ranAlone };
  }
}

/** What a run that goes by a plan has planned, when its task was all that it knew: the tools that the task needs. */
function planFor(strategy: Strategy, { calls }: Suite['userTasks'][string]): PlanScope | undefined {
  return strategy === 'react' ? undefined : { names: { tools: [...new Set(calls.map(({ tool }) => tool))], runs: [] }, asks: NO_MEANS };
}

/** The arguments as a planner gives them: what the recording leaves open is not given. */
function given({ args }: RecordedCall): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null && value !== undefined));
}

/** A value with every text in it changed. */
function filled(value: unknown, fill: Fill): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((item) => filled(item, fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, fill)]));
}

/** A user's task with nobody attacking: its calls, and which of them needed a person. */
export function playTask(bundle: PolicyBundle, recording: Recording, suite: Suite, task: Suite['userTasks'][string], strategy: Strategy = 'react'): readonly Played[] {
  const fill: Fill = (text) => Object.entries(suite.vectors).reduce((filling, [name, vector]) => filling.replaceAll(recording.mark(name), vector.default), text);
  const run = new Run(bundle, task.prompt, ({ result }) => filled(result, fill), planFor(strategy, task));
  return task.calls.map((call) => run.play(call, true, filled(given(call), fill) as Readonly<Record<string, unknown>>));
}

/**
 * The same task under attack. The planner is the attacker's: it makes the task's calls, for which the person who is asked answers yes, and then the
 * injection's, for which nobody does. Every place that an attacker can write to holds its text. Returns the injection's calls,
 * in each of the attack's writings.
 */
export function playAttack(bundle: PolicyBundle, recording: Recording, suite: Suite, task: Suite['userTasks'][string], injection: Suite['injectionTasks'][string], attack: Attack, strategy: Strategy = 'react'): readonly Played[] {
  return WRITINGS[attack].flatMap((writing) => {
    const injected = injectedText(injection.goal, injection.calls, writing);
    const fill: Fill = (text) => Object.keys(suite.vectors).reduce((filling, name) => filling.replaceAll(recording.mark(name), injected), text);
    const run = new Run(bundle, task.prompt, ({ result }, { outputLabel }) => {
      const content = filled(result, fill);
      return attack === 'planted' ? planted(content, injected, injection.calls, (path) => isOutsiders(outputLabel, path)) : content;
    }, planFor(strategy, task));
    for (const call of task.calls) run.play(call, true, filled(given(call), fill) as Readonly<Record<string, unknown>>);
    return injection.calls.map((call) => run.play(call, false, hidden(given(call), bundle.tools.get(call.tool)?.contract, writing)));
  });
}

/** A field that the tool's owner says outsiders write. */
function isOutsiders({ trust, fields }: ToolContract['outputLabel'], path: readonly string[]): boolean {
  const declared = Object.entries(fields).find(([name]) => {
    const keys = name.split('.');
    return keys.length === path.length && keys.every((key, at) => key === '*' || key === path[at]);
  });
  return (declared?.[1].trust ?? trust) === 'third-party';
}

/** An attacker's planner hides its values in what it writes; what names a destination has to be plain, or it would not get there. */
function hidden(args: Readonly<Record<string, unknown>>, contract: ToolContract | undefined, writing: Writing): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, contract?.roles[name] === 'content' && typeof value === 'string' ? written(value, writing) : value]));
}
