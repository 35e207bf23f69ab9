import { findBreak } from '@holdfast/event-log';
import { canonicalJson, logStream, partitionOf, type RunEventOf } from '@holdfast/contracts';
import { callsWith, fold, initialState, type RunState } from '@holdfast/run';
import type { Broker } from '../broker/broker.ts';
import type { People } from '../people/people.ts';
import { keyOf } from '../people/people.ts';
import { SHIPMENTS } from '../world/catalogue.ts';
import type { Effect } from '../world/system-of-record.ts';
import { eventsOf } from './at-each-commit.ts';
import type { Witness, WitnessedRun } from './witness.ts';

/** Everything that is known when a schedule is over. */
export interface Ending {
  readonly witness: Witness;
  readonly broker: Broker;
  readonly people: People;
  readonly effects: readonly Effect[];
  readonly partitions: number;
  readonly runs: number;
  /** What orchestrators hold of runs, by the name of the process. */
  readonly live: readonly { readonly holder: string; readonly runId: string; readonly state: RunState }[];
}

type Accuse = (description: string) => void;

/** Outcomes after which the effect happened although the call failed; see `ToolError.done`. */
const DONE_ALL_THE_SAME = ['tool.output-invalid', 'tool.result-too-large'];

/** Every promise that can only be judged at the end, by its name. */
export const PROMISES: Readonly<Record<string, (ending: Ending, accuse: Accuse) => void>> = {
  'acknowledged commits are in the log': ({ witness, broker, partitions }, accuse) => {
    for (const { recorded: { commit, sequence } } of witness.acknowledged) {
      const stored = broker.stream(logStream(partitionOf(commit, partitions))).at(sequence);
      const hash = stored === undefined ? undefined : (JSON.parse(Buffer.from(stored.data).toString('utf8')) as { hash?: string }).hash;
      if (hash !== commit.hash) accuse(`commit ${commit.number} of ${commit.runId} was acknowledged at sequence ${sequence}, which holds ${hash ?? 'nothing'}`);
    }
  },
  'histories are gapless and unaltered': ({ witness }, accuse) => {
    for (const { key, history } of witness.runs.values()) {
      const found = findBreak(history);
      if (found !== undefined) accuse(`${key.runId}, commit ${found.number}: ${found.problem}`);
    }
  },
  'replay equals live state': ({ witness, live }, accuse) => {
    for (const { holder, runId, state } of live) {
      if (state.phase === 'unborn') continue;
      const commits = (witness.runs.get(runId)?.history ?? []).map((recorded) => recorded.commit).filter(({ number }) => number <= state.head);
      if (canonicalJson(fold(commits, initialState)) !== canonicalJson(state)) accuse(`${holder} holds another state of ${runId} at commit ${state.head} than its history gives`);
    }
  },
  'an operation takes effect at most once': ({ effects }, accuse) => {
    const counts = Map.groupBy(effects, ({ tool, order }) => `${tool} ${order.operation}`);
    for (const [operation, found] of counts) if (found.length > 1) accuse(`${operation} happened ${found.length} times, for ${found.map(({ runId, callId }) => `${runId}/${callId}`).join(' and ')}`);
  },
  'no more is done than a budget gives that runs share': ({ effects }, accuse) => {
    const shipped = effects.filter(({ tool }) => tool === 'ship');
    if (shipped.length > SHIPMENTS.maxCalls) accuse(`${shipped.length} shipments happened, and all runs together may ship ${SHIPMENTS.maxCalls} times: ${shipped.map(({ runId, callId }) => `${runId}/${callId}`).join(', ')}`);
  },
  'what succeeded happened': ({ witness, effects }, accuse) => {
    for (const { run, returned, operation } of returns(witness)) {
      if (returned.outcome.status !== 'succeeded' || returned.tool === 'look') continue;
      if (!effects.some((effect) => effect.tool === returned.tool && effect.order.operation === operation)) accuse(`${run.key.runId}, call ${returned.callId}: ${returned.tool} ${operation} succeeded, but never happened`);
    }
  },
  'what failed did not happen': ({ witness, effects }, accuse) => {
    const all = [...returns(witness)];
    for (const effect of effects) {
      const about = all.filter(({ returned, operation }) => returned.tool === effect.tool && operation === effect.order.operation);
      // An effect whose call is not accounted for is judged by whether its run ends; one call that knows of it is enough.
      if (about.length === 0 || about.some(({ run }) => witness.forged.has(run.key.runId)) || about.some(({ returned: { outcome } }) => outcome.status !== 'failed' || DONE_ALL_THE_SAME.includes(outcome.failure.code))) continue;
      accuse(`${effect.tool} ${effect.order.operation} happened for ${effect.runId}/${effect.callId}, but everybody was told that it failed: ${about.map(({ returned: { outcome } }) => (outcome.status === 'failed' ? outcome.failure.code : '')).join(', ')}`);
    }
  },
  'every run ends or waits for something named': ({ witness }, accuse) => {
    for (const run of witness.runs.values()) if (run.state.phase !== 'ended') accuse(describe(run));
  },
  'nothing stays undone': ({ broker }, accuse) => {
    for (const name of broker.owing) accuse(`consumer ${name} still has messages that nobody acknowledged`);
  },
  'no task is lost that its sender was told is stored': ({ witness, people }, accuse) => {
    for (const index of people.toldOfTask) if (witness.runOf(keyOf(index)) === undefined) accuse(`task ${index} has no run`);
  },
  'no fact is lost that its sender was told is in the log': ({ witness }, accuse) => {
    for (const { key, id } of witness.answered) {
      if (witness.runOf(key)?.history.some(({ commit }) => commit.cause.id === id) !== true) accuse(`${id} of ${key.runId} is in no commit`);
    }
  },
  'whatever a person was told is done': ({ witness, people, broker }, accuse) => {
    const dead = broker.stream('DEAD').messages.map((stored) => Buffer.from(stored.data).toString('utf8'));
    for (const { key, fact } of people.told) {
      const run = witness.runOf(key);
      const folded = run?.history.some(({ commit }) => commit.cause.id === fact.id) === true;
      if (folded || run?.state.phase === 'ended' || dead.some((letter) => letter.includes(fact.id))) continue;
      if (fact.kind === 'signal') accuse(`the signal ${fact.id} of ${key.runId} is neither in the log nor among the dead letters`);
    }
  },
};

function* returns(witness: Witness): Iterable<{ readonly run: WitnessedRun; readonly returned: RunEventOf<'tool-returned'>; readonly operation: string }> {
  for (const run of witness.runs.values()) {
    const events = run.history.flatMap((recorded) => recorded.commit.events);
    const sent = eventsOf(events, 'tool-called');
    for (const returned of eventsOf(events, 'tool-returned')) {
      // What Holdfast serves itself is not sent to the world.
      const call = sent.find(({ callId }) => callId === returned.callId);
      if (call !== undefined) yield { run, returned, operation: String(call.arguments['operation']) };
    }
  }
}

/** What a run seems to wait for, in words for whoever has to find out why. */
function describe({ key, state, history }: WitnessedRun): string {
  if (state.phase === 'unborn') return `${key.runId} has not begun`;
  if (state.phase === 'ended') return `${key.runId} has ended`;
  const calls = callsWith(state, 'undispatched', 'awaiting-approval', 'called', 'in-doubt').map((call) => `${call.callId} (${call.tool}) is ${call.status}`);
  return `${key.runId} stands at commit ${state.head} (${history.at(-1)?.commit.route}), ${state.phase}${state.paused ? ', paused' : ''}${state.winding === undefined ? '' : `, winding down as ${state.winding.status}`}: ${calls.join(', ') || `basis ${state.basis}, decided ${state.decided}`}`;
}

export function judgeEnding(ending: Ending): void {
  for (const [name, judge] of Object.entries(PROMISES)) {
    try {
      judge(ending, (description) => ending.witness.accuse(name, description));
    } catch (error) {
      // A history that cannot even be judged keeps no promise.
      ending.witness.accuse(name, String(error));
    }
  }
}

