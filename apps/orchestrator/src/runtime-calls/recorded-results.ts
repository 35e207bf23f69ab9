import { CachedRunReader, type EventLog } from '@holdfast/event-log';
import { abortTool, askPersonTool, canonicalJson, waitSignalTool, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { callIdOf, type RecordedResult, type RunState } from '@holdfast/run';

interface WantedCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Finds what the log holds of a call that a run with simulated effects asks for; undefined where it holds nothing that could be used again. */
export type FindRecorded = (key: RunKey, state: RunState, call: WantedCall) => Promise<RecordedResult | undefined>;

/** Forks of forks are followed this far back. */
const FURTHEST = 16;
/** Origins are read again and again while their forks run, and few at a time. */
const REMEMBERED_COMMITS = 2_000;

/** What came of these lies in a person's word and not in the result, or ended the run. */
const OWN_TO_A_RUN: readonly string[] = [waitSignalTool.name, askPersonTool.name, abortTool.name];

/**
 * Looks in the run at which this one began, also after the commit where it left it, and in those before. A run goes along its origin's record: what
 * comes next there after what it has used already is taken, and otherwise what came last, so that a question that was asked twice and
 * answered otherwise the second time is so again.
 */
export function recordedFinder(log: Pick<EventLog, 'readRun' | 'decode'> & Partial<Pick<EventLog, 'onErased'>>): FindRecorded {
  const reader = new CachedRunReader(log, REMEMBERED_COMMITS);
  return async ({ tenant }, state, call) => {
    if (state.phase === 'unborn' || state.simulation === undefined || state.origin === undefined || OWN_TO_A_RUN.includes(call.tool)) return undefined;
    const { origin: { runId }, simulation: { usedUpTo } } = state;
    const found = resultsIn(await reader.read({ tenant, runId }), call);
    const own = found.find(({ from }) => from.number > usedUpTo) ?? found.at(-1);
    return own ?? before(reader, { tenant, runId }, call);
  };
}

/** What the runs before this one hold of a call, each up to the commit at which the next one left it: the last of it. */
async function before(reader: CachedRunReader, key: RunKey, call: WantedCall): Promise<RecordedResult | undefined> {
  let history = await reader.read(key, 1);
  for (let far = 0; far < FURTHEST; far += 1) {
    const origin = history[0]?.commit.events.find((event) => event.type === 'run-forked')?.origin;
    if (origin === undefined) return undefined;
    history = (await reader.read({ tenant: key.tenant, runId: origin.runId }, origin.number)).slice(0, origin.number);
    // Only the very history that the fork names is its own.
    if (history.at(-1)?.commit.hash !== origin.hash) return undefined;
    const found = resultsIn(history, call).at(-1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every usable result of the same call with the same arguments, in order. */
function resultsIn(history: readonly RecordedCommit[], { tool, arguments: wanted }: WantedCall): readonly RecordedResult[] {
  const same = canonicalJson(wanted);
  const given = new Map<string, string>();
  const found: RecordedResult[] = [];
  for (const { commit } of history) {
    for (const event of commit.events) {
      if (event.type === 'decision-made') for (const [index, request] of event.proposal.requests.entries()) if (request.tool === tool) given.set(callIdOf(event.proposal.basis, index), canonicalJson(request.arguments));
      // A person may have changed what it is made with.
      if ((event.type === 'tool-called' || event.type === 'call-simulated') && event.tool === tool) given.set(event.callId, canonicalJson(event.arguments));
      // What was made up is made up again.
      if (event.type === 'call-simulated' && event.from === undefined) given.delete(event.callId);
      if (event.type !== 'tool-returned' || given.get(event.callId) !== same || event.outcome.status === 'in-doubt') continue;
      // What may succeed when it is tried again is no answer to keep.
      if (event.outcome.status === 'failed' && event.outcome.failure.retryable) continue;
      const observed = commit.events.find((other) => other.type === 'observation-recorded' && other.callId === event.callId);
      found.push({
        outcome: { ...event.outcome, attempts: [] }, from: { runId: commit.runId, number: commit.number },
        ...(observed?.type === 'observation-recorded' ? { observation: { content: observed.content, label: observed.label, fields: observed.fields } } : {}), ...(event.label === undefined ? {} : { label: event.label }),
      });
    }
  }
  return found;
}
