import { declaredAgents, type AgentWanted, type Agents } from '@holdfast/agent-registry';
import type { BudgetBook } from '@holdfast/budgets';
import type { AgentDeclaration, AgentVersion, AuthorizeAnswer, AuthorizeRequest, BudgetDraw, Catalog, Digest, Fact, FactOf, Label, PlannedCall, ResultLabels, RunKey, ToolContract } from '@holdfast/contracts';
import { HoldfastError, UNJUDGED, childRunIdOf, leastTrusted, resultLabels, spentOn } from '@holdfast/contracts';
import { awaitedBasis, callIdOf, isAnswer, type CallState, type Input, type JudgedCall, type RunState } from '@holdfast/run';
import type { ReadOrigin } from '../runtime-calls/fork-origin.js';
import type { FindRecorded } from '../runtime-calls/recorded-results.js';
import type { ReadEarlier } from '../threads/earlier-runs.js';
import { AnswerCheck } from './answer-check.js';
import { handOn } from './hand-on.js';
import type { LoadedRun } from './loaded-run.js';
import type { Processed } from './run-processor.js';

/** Asks policy, on behalf of the run's last commit; throws a retryable HoldfastError when it does not answer. */
export type AskPolicy = (request: AuthorizeRequest, lastCommit: Digest | undefined) => Promise<AuthorizeAnswer>;

/** Looks up what a decision needs beside the fact itself: the agent, the verdicts, the labels. Decides nothing. */
export class InputPreparer {
  private readonly answers = new AnswerCheck();

  /**
   * The contracts of the catalogue's tools are looked up when they are needed, since people may accept others meanwhile. The
   * agents are those of the catalogue alone where none are given.
   */
  constructor(
    private readonly catalog: Catalog, private readonly askPolicy: AskPolicy, private readonly budgets: Pick<BudgetBook, 'charge'>, private readonly readOrigin?: ReadOrigin, private readonly readEarlier?: ReadEarlier,
    private readonly agents: Pick<Agents, 'choose' | 'find' | 'revocation'> = declaredAgents(catalog.agents), private readonly findRecorded?: FindRecorded,
  ) {}

  async prepare(key: RunKey, fact: Fact, run: LoadedRun, at: number): Promise<Input | Processed> {
    const { state } = run;
    switch (fact.kind) {
      case 'task': {
        // A task that has begun its run already is known by its content alone; the run keeps its version, whatever has become of the route.
        if (state.phase !== 'unborn') return { fact, at };
        const agent = await this.choose({ type: fact.event.type, keys: { thread: fact.event.thread, requester: fact.requester } }, key);
        if (agent === undefined || 'status' in agent) return agent ?? { fact, at };
        const { thread } = fact.event;
        const earlier = thread === undefined || fact.child !== undefined ? undefined : await this.readEarlier?.(key, thread);
        return { fact, agent, at, ...(earlier === undefined ? {} : { earlier }) };
      }
      case 'plan': {
        // A stale proposal is refused by the decider without troubling policy.
        if (awaitedBasis(state) !== fact.proposal.basis) return { fact, judged: [], at };
        const calls = fact.proposal.requests.map((request, index) => ({ ...request, callId: callIdOf(fact.proposal.basis, index) }));
        const answered = await this.judgeAnswer(state, fact);
        if ('status' in answered) return answered;
        if (calls.length === 0 && usedBy(fact).tokens === 0) return { fact, judged: [], at, ...answered };
        const judged = await this.ask(key, run, calls);
        if ('status' in judged) return judged;
        const exhausted = await this.charge(key, run, fact, judged.tokenDraws, at);
        return { fact, judged: judged.calls, at, ...answered, ...(exhausted === undefined ? {} : { exhausted }) };
      }
      case 'tool':
        return { fact, labels: this.labelsOf(state, fact), at };
      case 'fork': {
        const origin = await this.readOrigin?.({ tenant: key.tenant, runId: fact.origin.runId }, fact.origin.number);
        const name = fact.agent ?? (origin === undefined || origin.state.phase === 'unborn' ? undefined : origin.state.agent.name);
        // Where no version is named, it begins with that which new tasks of the agent get, which may mend what went wrong.
        const agent = state.phase !== 'unborn' || name === undefined ? undefined : fact.version === undefined ? await this.choose({ name }, key) : await this.version({ name, digest: fact.version });
        return agent === undefined ? { fact, origin, at } : 'status' in agent ? agent : { fact, origin, agent, at };
      }
      default:
        return { fact, at };
    }
  }

  /** By the schema of the version that the run began with: nobody else says what its answer has to be. */
  private async judgeAnswer(state: RunState, { proposal }: FactOf<'plan'>): Promise<{ readonly misfit?: string } | { readonly status: 'unavailable'; readonly reason: string }> {
    if (state.phase === 'unborn' || state.phase === 'ended' || !isAnswer(state, proposal)) return {};
    const agent = await this.agents.find(state.agent);
    if (agent === undefined) return { status: 'unavailable', reason: `nobody has the version ${state.agent.digest.slice(0, 12)} of agent "${state.agent.name}", by which its answer is judged` };
    const misfit = this.answers.misfitOf(agent, proposal.answer ?? proposal.text);
    return misfit === undefined ? {} : { misfit };
  }

  /** The version that a new run gets; undefined where there is no such agent, and otherwise why it has to wait. */
  private async choose(wanted: AgentWanted, key: RunKey): Promise<AgentDeclaration | { readonly status: 'unavailable'; readonly reason: string } | undefined> {
    const choice = await this.agents.choose(wanted, key);
    switch (choice.status) {
      case 'chosen': return choice.agent;
      case 'wait': return { status: 'unavailable', reason: choice.reason };
      case 'none': return undefined;
    }
  }

  /** The version that somebody names; undefined where nobody has it, or where its runs may call nothing. */
  private async version(named: AgentVersion): Promise<AgentDeclaration | undefined> {
    return this.agents.revocation(named) === undefined ? this.agents.find(named) : undefined;
  }

  /**
   * Takes the tokens of a model's answer, and what they cost, from the budgets that runs share. They are used already, so they are taken whatever is
   * left, and once for the plan commit that they answer. Throws `budget.unavailable` (retryable).
   */
  private async charge({ tenant, runId }: RunKey, { state }: LoadedRun, fact: FactOf<'plan'>, draws: readonly BudgetDraw[], at: number): Promise<string | undefined> {
    const { basis } = fact.proposal;
    const head = state.phase === 'unborn' ? 0 : state.head;
    const over: string[] = [];
    for (const draw of draws) {
      const why = await this.budgets.charge({ tenant, draw, key: { run: runId, taker: `p${basis}` }, head, use: { calls: 0, amount: 0, ...usedBy(fact) }, at });
      if (why !== undefined) over.push(why);
    }
    return over[0];
  }

  /** Judges calls that are already decided, each with the approval that it was given. */
  async judge(key: RunKey, run: LoadedRun, calls: readonly CallState[]): Promise<readonly JudgedCall[]> {
    const judged: JudgedCall[] = [];
    for (const call of calls) {
      const answer = await this.ask(key, run, [{ callId: call.callId, requestId: call.requestId, tool: call.tool, arguments: { ...call.arguments } }], call.approval);
      if ('status' in answer) throw new HoldfastError({ code: 'policy.unavailable', message: answer.reason, retryable: true, remedy: 'Wait until policy is ready; nothing is allowed meanwhile.' });
      judged.push(...answer.calls);
    }
    return judged;
  }

  private async ask(key: RunKey, { state, head, recent }: LoadedRun, calls: readonly PlannedCall[], approval?: CallState['approval']): Promise<Asked | { readonly status: 'unavailable'; readonly reason: string }> {
    if (state.phase === 'unborn') return { calls: [], tokenDraws: [] };
    try {
      const contracts = new Map(calls.map(({ tool }) => [tool, this.contractOf(tool)]));
      const digests = Object.fromEntries([...contracts].flatMap(([tool, contract]) => (contract === undefined ? [] : [[tool, contract.digest]])));
      const request: AuthorizeRequest = { tenant: key.tenant, runId: key.runId, head: state.head, tail: handOn(recent), calls: [...calls], contracts: digests, ...(approval === undefined ? {} : { approval }) };
      const { verdicts, tokenDraws = [] } = await this.askPolicy(request, head?.commit.hash).catch((error: unknown) => {
        // Commits are handed on as a saving; the calls alone may fit.
        if (isUnsendable(error)) return this.askPolicy({ ...request, tail: [] }, head?.commit.hash);
        throw error;
      });
      const recorded = await Promise.all(calls.map((call) => this.findRecorded?.(key, state, call)));
      // A call that policy says nothing of is denied, never forgotten.
      return { tokenDraws, calls: calls.map((call, at) => ({ ...(recorded[at] === undefined ? {} : { recorded: recorded[at] }), verdict: verdicts.find((verdict) => verdict.callId === call.callId) ?? denied(call.callId, 'policy gave no verdict for this call'), contract: contracts.get(call.tool), childRunId: childRunIdOf(key.runId, call.callId) })) };
    } catch (error) {
      // No later try makes it smaller, so what cannot be judged is denied, and the model is told why.
      if (isUnsendable(error)) return { tokenDraws: [], calls: calls.map(({ callId }) => ({ verdict: denied(callId, `policy cannot judge this call, because question or answer is too large for a message: ${error.message} Ask for less, or hand over a reference.`) })) };
      return { status: 'unavailable', reason: `policy did not answer: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  private contractOf(tool: string): ToolContract | undefined {
    return this.catalog.tools.find(({ name }) => name === tool);
  }

  private labelsOf(state: RunState, { callId, outcome }: FactOf<'tool'>): ResultLabels {
    const call = state.phase === 'unborn' ? undefined : state.calls[callId];
    const tool = call?.tool;
    const contract = tool === undefined ? undefined : this.contractOf(tool);
    const told = call?.resolved?.resolution === 'happened' ? call.resolved.by : undefined;
    const source = `tool:${tool ?? 'unknown'}${told === undefined ? '' : ` by ${told}`}`;
    // A person who resolves a doubt vouches that the effect happened. The result that they give is what they found at the
    // system of record, so its texts are worth no more than that system's own; and as nobody read it from there, it cannot
    // endorse a value. It is not the requester's word either, whoever resolved it.
    const believed = (trust: Label['trust']): Label['trust'] => (told === undefined ? trust : leastTrusted(trust, 'organisation'));
    // A result whose contract nobody knows any more is somebody else's text.
    if (contract === undefined) return { label: { trust: 'third-party', secrecy: 'internal', source }, fields: {} };
    return resultLabels(contract.outputLabel, source, believed, outcome.status === 'succeeded' ? outcome.result : undefined);
  }
}

interface Asked {
  readonly calls: readonly JudgedCall[];
  readonly tokenDraws: readonly BudgetDraw[];
}

/** Of the step and of the summary that was made for it. */
function usedBy({ proposal: { model, compaction } }: FactOf<'plan'>): { readonly tokens: number; readonly costMicros: number } {
  const used = [model, ...(compaction?.model === undefined ? [] : [compaction.model])].map(spentOn);
  return { tokens: used.reduce((sum, { tokens }) => sum + tokens, 0), costMicros: used.reduce((sum, { costMicros = 0 }) => sum + costMicros, 0) };
}

function isUnsendable(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && ['bus.rejected', 'answer.unsendable'].includes(error.code);
}

function denied(callId: string, reason: string): JudgedCall['verdict'] {
  return { callId, outcome: 'deny', reasons: [reason], policies: [], policyDigest: UNJUDGED, risk: { score: 100, factors: [] }, origins: [] };
}
