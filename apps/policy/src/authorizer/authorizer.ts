import { missingVersion, type Agents } from '@holdfast/agent-registry';
import { HoldfastError, sharedScopes, writtenAfter, type AgentDeclaration, type AuthorizeAnswer, type AuthorizeRequest, type PlannedCall, type RecordedCommit, type RunEventOf, type RunKey, type Verdict, type VisibleAnswer, type VisibleRequest } from '@holdfast/contracts';
import { RunProjections, type EventLog } from '@holdfast/event-log';
import { argumentsDigest, authorizeCall, refuseCall, tokenDrawsOf, visibleTools, type Judgement, type PolicyBundle } from '@holdfast/policy-engine';
import type { BundleProvider } from '../bundles/policy-folder.js';
import type { PermitSubject } from '../permits/permit-signer.js';
import { changesSince, findApproval } from './approval-check.js';
import { joinOrigins } from './origins.js';
import { RunView } from './run-view.js';

export interface AuthorizerDependencies {
  readonly bundles: BundleProvider;
  /** A run is judged by the version of its agent that it began with, unless that was revoked. */
  readonly agents: Pick<Agents, 'find' | 'revocation' | 'isOffered'>;
  readonly log: Pick<EventLog, 'readAfter'>;
  /** Signs a permit that is in force from `now`, in milliseconds since the epoch. */
  readonly signer: { sign(subject: PermitSubject, now: number): string | Promise<string> };
  /** The deployment's name, such as `production`: policies read it. */
  readonly environment: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

type AcceptedTask = RunEventOf<'task-accepted' | 'run-forked'>;

/**
 * Answers the two questions of policy about a run. What it knows of the run comes from the log: read from it, or handed on by
 * the log's only writer and chained by number and hash to what was known before. The planner's word counts for nothing.
 */
export class Authorizer {
  private readonly views: RunProjections<RunView>;

  constructor(private readonly dependencies: AuthorizerDependencies) {
    this.views = new RunProjections(dependencies.log, { initial: () => new RunView(), fold: (view, recorded) => view.fold(recorded) });
  }

  /** The tools that the run's agent may be shown. Throws `policy.unknown-run` where the log has no such run. */
  async visible(request: VisibleRequest): Promise<VisibleAnswer> {
    const bundle = this.dependencies.bundles.current();
    // What is asked of the run is in its first commit, and in the one that adopted its plan.
    const { value: view } = await this.views.atLeast(keyOf(request), request.knowing ?? 1);
    const accepted = acceptedTask(view, request);
    const agent = await this.versionOf(accepted);
    const tools = view.ended || this.reasonToStop(agent) !== undefined ? [] : visibleTools(bundle, { agent, tenant: request.tenant, user: accepted.task.requester, roles: accepted.task.requesterRoles ?? [], taskType: accepted.task.type, scope: accepted.task.scope, ...memoryOf(accepted), environment: this.dependencies.environment });
    const { plan } = view;
    if (plan === undefined || plan === 'awaited') return { tools: [...tools], policyDigest: bundle.digest };
    const [planned, beyondPlan] = [true, false].map((isNamed) => tools.filter((name) => plan.names.tools.includes(name) === isNamed));
    return { tools: planned ?? [], beyondPlan: beyondPlan ?? [], policyDigest: bundle.digest };
  }

  /**
   * A verdict for each call, in order; allowed calls carry a permit. Beside them, the budgets that the tokens of the run's model are taken from. Throws `policy.unknown-run`, or `policy.log-behind`
   * (retryable) where the log as it was read ends before `head`: then nothing may be allowed. Throws `policy.contract-behind`
   * (retryable) where the asker goes by another contract: one of the two has not heard yet of what a person accepted.
   */
  async authorize(request: AuthorizeRequest): Promise<AuthorizeAnswer> {
    const bundle = this.dependencies.bundles.current();
    requireSameContracts(bundle, request.contracts ?? {});
    const key = keyOf(request);
    const { value: view, number } = request.tail === undefined ? await this.views.atLeast(key, request.head) : await this.views.upTo(key, ofRun(key, request.tail));
    if (number < request.head) {
      throw new HoldfastError({ code: 'policy.log-behind', message: `The log was read up to commit ${number}, and commit ${request.head} is needed.`, retryable: true, remedy: 'Ask again.' });
    }
    if (view.fork !== undefined) await joinOrigins(this.dependencies.log, key.tenant, view);
    const accepted = acceptedTask(view, request);
    const agent = await this.versionOf(accepted);
    const judgements = request.calls.map((call) => this.judge(bundle, view, { accepted, agent }, call, request));
    const tokenDraws = tokenDrawsOf(bundle.budgets, { tenant: request.tenant, agent: accepted.agent.name, task: accepted.task });
    const verdicts = await Promise.all(judgements.map((judgement, at) => this.permitted(bundle, judgement, request, request.calls[at], view)));
    return { verdicts, ...(tokenDraws.length === 0 ? {} : { tokenDraws: [...tokenDraws] }) };
  }

  /** Throws `agent.version-missing` (retryable): a run is never judged by another version than its own. */
  private async versionOf({ agent }: AcceptedTask): Promise<AgentDeclaration> {
    const declaration = await this.dependencies.agents.find(agent);
    if (declaration !== undefined) return declaration;
    throw new HoldfastError({ code: 'agent.version-missing', message: `The run waits, for ${missingVersion(agent)}.`, retryable: true, remedy: 'Publish that very version again, or cancel the run.' });
  }

  /** Why runs of this version may call nothing more, though they began when they might. */
  private reasonToStop({ name, digest }: AgentDeclaration): string | undefined {
    const { agents } = this.dependencies;
    const revoked = agents.revocation({ name, digest });
    if (revoked !== undefined) return `Version ${digest.slice(0, 12)} of the agent "${name}" was revoked by ${revoked.by}: ${revoked.reason}`;
    return agents.isOffered(name) ? undefined : `The agent "${name}" is no longer declared.`;
  }

  private judge(bundle: PolicyBundle, view: RunView, { accepted, agent }: { readonly accepted: AcceptedTask; readonly agent: AgentDeclaration }, call: PlannedCall, request: AuthorizeRequest): Judgement {
    const stopped = this.reasonToStop(agent);
    // What undoes a call was not chosen by the agent, and is all that can still be done about what it did.
    if (stopped !== undefined && !view.undoing.has(call.callId)) return refuseCall(bundle, call, [stopped], agent.trustTier);
    if (view.ended) return refuseCall(bundle, call, ['The run has ended.'], agent.trustTier);
    const question = { call, agent, tenant: request.tenant, task: accepted.task, environment: this.dependencies.environment, index: view.index, ...memoryOf(accepted), plan: view.undoing.has(call.callId) ? undefined : view.plan };
    if (request.approval === undefined) return authorizeCall(bundle, question);
    const finding = findApproval(view, request.approval, call);
    if ('reason' in finding) return refuseCall(bundle, call, [finding.reason], agent.trustTier);
    const now = authorizeCall(bundle, question);
    if (now.outcome === 'deny') return now;
    const changes = now.outcome === 'ask' ? changesSince(finding.asked, now) : [];
    if (changes.length > 0) return { ...now, reasons: [`What ${finding.approvers.map(({ by }) => by).join(' and ')} approved has changed.`, ...changes] };
    return authorizeCall(bundle, { ...question, approvers: finding.approvers, escalatedTo: finding.escalatedTo });
  }

  private async permitted(bundle: PolicyBundle, judgement: Judgement, request: AuthorizeRequest, call: PlannedCall | undefined, { index, accepted }: RunView): Promise<Verdict> {
    const contract = call === undefined ? undefined : bundle.tools.get(call.tool)?.contract;
    if (judgement.outcome !== 'allow' || call === undefined || contract === undefined) return judgement;
    const subject = {
      jti: call.callId, tenant: request.tenant, run: request.runId, tool: call.tool,
      contractDigest: contract.digest, argumentsDigest: argumentsDigest(call.arguments), policyDigest: judgement.policyDigest, after: request.head,
      ...(contract.storesLabels === true ? { worth: writtenAfter({ trust: index.leastTrusted.trust, secrecy: index.secrecy }) } : {}),
      ...(contract.memoryScopes === undefined ? {} : { memoryScopes: sharedScopes(contract.memoryScopes, accepted?.memoryScopes) }),
    };
    return { ...judgement, permit: await this.dependencies.signer.sign(subject, this.dependencies.clock()) };
  }
}

function memoryOf({ memoryScopes }: AcceptedTask): { readonly memoryScopes?: readonly string[] } {
  return memoryScopes === undefined ? {} : { memoryScopes };
}

/** What was handed on of another run says nothing about this one. */
function ofRun(key: RunKey, tail: readonly RecordedCommit[]): readonly RecordedCommit[] {
  return tail.every(({ commit }) => commit.tenant === key.tenant && commit.runId === key.runId) ? tail : [];
}

function requireSameContracts(bundle: PolicyBundle, asked: NonNullable<AuthorizeRequest['contracts']>): void {
  for (const [tool, digest] of Object.entries(asked)) {
    const own = bundle.tools.get(tool)?.contract.digest;
    if (own === digest) continue;
    throw new HoldfastError({ code: 'policy.contract-behind', message: `The asker has contract ${digest.slice(0, 12)} of ${tool}, and policy has ${own?.slice(0, 12) ?? 'none'}.`, retryable: true, remedy: 'Ask again. If it lasts, look in the log of policy whether it refuses the contract, and bring all services to the same catalogue.' });
  }
}

function keyOf({ tenant, runId }: RunKey): RunKey {
  return { tenant, runId };
}

function acceptedTask(view: RunView, key: RunKey): AcceptedTask {
  if (view.accepted !== undefined) return view.accepted;
  throw new HoldfastError({ code: 'policy.unknown-run', message: `The log has no run "${key.runId}" of tenant "${key.tenant}".`, retryable: true, remedy: 'Ask again once the run is in the log.' });
}
