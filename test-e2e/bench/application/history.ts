import { randomBytes } from 'node:crypto';
import { HoldfastError, type AgentDeclaration, type Commit, type RecordedCommit, type RunKey, type Verdict } from '@holdfast/contracts';
import { seal } from '@holdfast/event-log';
import { decide, evolve, initialState, type CommitDraft, type Input, type RunState } from '@holdfast/run';
import { agents, contracts } from './agent-and-tools.ts';

/** Where a made run stops: at its answer, or at a call that waits for a person. */
export type Ending = 'answered' | 'waiting';

const digest = (): string => randomBytes(32).toString('hex');

function agentOf(): AgentDeclaration {
  const [agent] = agents;
  if (agent === undefined) throw new TypeError('the benchmark declares no agent');
  return agent;
}

/**
 * The drafts of a run as the decider makes them of the facts that services would send: so commits are of the size and
 * shape that a real run's are. A permit is a token of about 700 characters.
 */
export function draftsOfRun(runId: string, steps: number, ending: Ending, at: number): readonly CommitDraft[] {
  let state: RunState = initialState;
  const drafts: CommitDraft[] = [];
  const apply = (input: Input): void => {
    const decision = decide(state, input);
    if (decision.kind !== 'commit') throw new HoldfastError({ code: 'bench.history-impossible', message: `The decider answers "${decision.kind}" to a ${input.fact.kind} fact of a made run.`, retryable: false, remedy: 'Correct history.ts to what the decider accepts now.' });
    for (const draft of decision.drafts) {
      drafts.push(draft);
      state = evolve(state, { ...draft, events: [...draft.events], number: drafts.length });
    }
  };
  apply({ at, agent: agentOf(), fact: { kind: 'task', id: `task:${runId}:${runId.slice(0, 16)}`, requester: '/bench', event: { specversion: '1.0', id: runId, source: '/bench', type: 'com.example.bench', data: { goal: 'Do it.', run: runId, steps, tool: 'count' } } } });
  for (let step = 1; step <= steps; step += 1) {
    const waits = ending === 'waiting' && step === steps;
    apply(planInput(drafts.length, runId, step, waits ? 'hold' : 'count', at + step));
    if (waits) return drafts;
    apply(toolInput(drafts.length - 1, at + step));
  }
  apply(answerInput(drafts.length, at + steps));
  return drafts;
}

const model = (toolsShown: string[]) => ({ name: 'instant', provider: 'bench', promptDigest: digest(), toolsShown, inputTokens: 1, outputTokens: 1, finishReason: 'tool-calls', durationMs: 0.2 });

function planInput(basis: number, runId: string, step: number, tool: 'count' | 'hold', at: number): Input {
  const contract = contracts.find(({ name }) => name === tool);
  const callId = `c${basis}-1`;
  const verdict: Verdict = {
    callId, outcome: tool === 'hold' ? 'ask' : 'allow', reasons: ['The benchmark may act.'], policies: ['bench.act'], policyDigest: digest(), risk: { score: 12, factors: ['effect: keyed'] },
    origins: [{ argument: 'operation', role: 'content', trust: 'model', source: 'model', excerpt: '' }], ...(tool === 'hold' ? {} : { permit: randomBytes(520).toString('base64url') }),
  };
  return {
    at, judged: [contract === undefined ? { verdict } : { verdict, contract }],
    fact: { kind: 'plan', id: `plan:${runId}:${basis}`, proposal: { basis, text: '', requests: [{ requestId: `call-${step}`, tool, arguments: { operation: `${runId}-${step}` } }], model: model(['count', 'pay', 'book', 'hold']) } },
  };
}

function toolInput(basis: number, at: number): Input {
  const callId = `c${basis}-1`;
  return {
    at, labels: { label: { trust: 'organisation', secrecy: 'internal', source: 'tool:count' }, fields: {} },
    fact: { kind: 'tool', id: `tool:${callId}`, callId, outcome: { status: 'succeeded', result: { times: 1 }, replayed: false, attempts: [{ at, durationMs: 0.1, outcome: 'succeeded' }] } },
  };
}

function answerInput(basis: number, at: number): Input {
  return { at, judged: [], fact: { kind: 'plan', id: `plan:end:${basis}`, proposal: { basis, text: 'done', requests: [], answer: 'done', model: model([]) } } };
}

/** Seals drafts into the commits of a run whose messages are at the sequences that `sequenceOf` tells. */
export function sealRun(key: RunKey, drafts: readonly CommitDraft[], sequenceOf: (index: number) => number): readonly Commit[] {
  const commits: Commit[] = [];
  let previous: RecordedCommit | undefined;
  for (const [index, draft] of drafts.entries()) {
    const commit = seal(key, draft, previous);
    commits.push(commit);
    previous = { commit, sequence: sequenceOf(index) };
  }
  return commits;
}
