import type { Agents } from '@holdfast/agent-registry';
import { HoldfastError, type Digest, type ModelParameters, type RecordedCommit, type RunEventOf, type RunKey, type ToolContract } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import { isSpent } from '@holdfast/run';
import { joinOrigins } from '../context/origins.js';
import { emptyRun, foldRun } from '../planning/planned-run.js';
import { promptOf, type Prompt } from '../planning/prompt.js';
import { planStageOf, readingFor } from '../strategies/plan-then-execute.js';
import { PLAN_TOOL } from '../strategies/plan-tool.js';

export interface PromptSources {
  readonly log: Pick<EventLog, 'readAfter'>;
  readonly agents: Pick<Agents, 'find'>;
  /** The contract of a tool that has this digest; undefined where nobody has it any more. */
  readonly contractOf: (tool: string, digest: Digest) => ToolContract | undefined;
}

/** What a model was shown for one decision. */
export interface RebuiltPrompt {
  /** The commit that holds the decision, and the one up to which the model had been told of the run. */
  readonly decision: number;
  readonly toldUpTo: number;
  readonly agent: { readonly name: string; readonly digest: Digest };
  readonly system: string;
  readonly messages: Prompt['messages'];
  readonly tools: readonly { readonly name: string; readonly description: string; readonly inputSchema: unknown }[];
  /** Tools that were shown by contracts that are not to be had any more; the digest covers them all the same. */
  readonly missing: readonly { readonly tool: string; readonly contract: Digest }[];
  /** `none` where nothing was left of a budget but an answer. */
  readonly toolChoice: 'auto' | 'none';
  readonly parameters?: ModelParameters;
  /** Whether all of this is what the planner recorded: the digest of what is here equals the recorded one. */
  readonly holds: boolean;
  readonly digest: Digest;
  readonly recorded: Digest;
}

/**
 * Makes the prompt of a decision again, from the log, the agent's version that the run has, and the contracts. `number` is the commit that holds the decision, or the
 * plan commit that it answered; the last decision when left out. A planner that asked a second time may have been told of what came meanwhile,
 * such as a signal: of all that it may have been told, what fits the recorded digest is taken.
 *
 * Throws `run.no-decision` and `agent.version-missing`, and what the log throws.
 */
export async function rebuildPrompt(sources: PromptSources, key: RunKey, number?: number): Promise<RebuiltPrompt> {
  const history = await sources.log.readAfter(key, 0);
  const decisions = history.filter((recorded) => decisionIn(recorded) !== undefined);
  // A commit may hold a decision and ask for the next one; then its own is meant.
  const found = number === undefined ? decisions.at(-1) : decisions.find(({ commit }) => commit.number === number) ?? decisions.find((recorded) => decisionIn(recorded)?.proposal.basis === number);
  const decided = found === undefined ? undefined : decisionIn(found);
  if (found === undefined || decided === undefined) throw new HoldfastError({ code: 'run.no-decision', message: `The run ${key.tenant}/${key.runId} has no decision${number === undefined ? '' : ` at or for commit ${number}`}.`, retryable: false, remedy: 'Name the commit of a decision-made, as the run\'s events tell it.' });
  const { proposal: { basis, model } } = decided;
  const summary = found.commit.events.find((event) => event.type === 'context-compacted');
  let run = emptyRun();
  let first: RebuiltPrompt | undefined;
  for (const recorded of history.slice(0, found.commit.number - 1)) {
    run = foldRun(run, recorded);
    const { state, conversation, brief } = run;
    if (recorded.commit.number < basis || state.phase !== 'planning') continue;
    await joinOrigins(sources.log, key.tenant, conversation);
    const agent = await sources.agents.find(state.agent);
    if (agent === undefined) throw new HoldfastError({ code: 'agent.version-missing', message: `Nobody has the version ${state.agent.digest} of the agent "${state.agent.name}" any more.`, retryable: false, remedy: 'Publish that very version again.' });
    const shown = Object.entries(model.contracts ?? conversation.contracts ?? {}).map(([tool, contract]) => ({ tool, contract, found: sources.contractOf(tool, contract) }));
    const tools = shown.map(({ tool, contract, found: known }) => known ?? { name: tool, digest: contract, description: '', input: {} });
    const stage = planStageOf(state, { tools: tools.map(({ name }) => name), beyondPlan: model.toolsShown.filter((tool) => tool !== PLAN_TOOL && !tools.some(({ name }) => name === tool)) });
    const prompt = promptOf(agent, readingFor(stage, summary === undefined ? conversation : conversation.compactedBy(summary, summary.label), brief), tools, stage);
    const missing = shown.flatMap(({ tool, contract, found: known }) => (known === undefined ? [{ tool, contract }] : []));
    const rebuilt: RebuiltPrompt = {
      decision: found.commit.number, toldUpTo: recorded.commit.number, agent: state.agent, system: prompt.system, messages: structuredClone([...prompt.messages, ...(prompt.reminder === undefined ? [] : [prompt.reminder])]),
      tools: prompt.tools.filter(({ name }) => !missing.some(({ tool }) => tool === name)).map(({ name, description, input }) => ({ name, description, inputSchema: input })), missing,
      toolChoice: isSpent(state) ? 'none' : 'auto', ...(model.parameters === undefined ? {} : { parameters: model.parameters }), holds: prompt.digest === model.promptDigest, digest: prompt.digest, recorded: model.promptDigest,
    };
    if (rebuilt.holds) return rebuilt;
    first ??= rebuilt;
  }
  if (first === undefined) throw new HoldfastError({ code: 'log.corrupt', message: `The decision in commit ${found.commit.number} answers no commit before it.`, retryable: false, remedy: 'Check the log: npm run verify.' });
  return first;
}

function decisionIn({ commit }: RecordedCommit): RunEventOf<'decision-made'> | undefined {
  return commit.events.find((event) => event.type === 'decision-made');
}
