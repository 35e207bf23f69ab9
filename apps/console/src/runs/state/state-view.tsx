import { useEffect, useId, useState } from 'preact/hooks';
import type { paths } from '../../../generated/api.js';
import { answerOf, api } from '../../api/client.js';
import { useAnswer } from '../../api/use-answer.js';
import { Facts, Json } from '../../elements/facts.js';
import { ProblemNote } from '../../elements/problem-note.js';
import { exactTime } from '../../elements/time.js';
import { Status } from '../status.js';

type RunState = paths['/v1/runs/{runId}/state']['get']['responses'][200]['content']['application/json'];

/** People drag faster than a log is folded; the state is asked for where they stop. */
const SETTLE_MS = 120;

interface StateViewProps {
  readonly runId: string;
  readonly head: number;
  /** The commit that the address names; the last one when it names none. */
  readonly at: number | undefined;
  readonly onGo: (at: number | undefined) => void;
}

/** The run as it stood after any of its commits. */
export function StateView({ runId, head, at, onGo }: StateViewProps) {
  const wanted = Math.min(at ?? head, head);
  const [held, setHeld] = useState<number | undefined>();
  const shownAt = held ?? wanted;
  const [name, settled] = [useId(), useSettled(shownAt, SETTLE_MS)];
  const { data: state, problem, reload } = useAnswer((signal) => answerOf(api.GET('/v1/runs/{runId}/state', { params: { path: { runId }, query: { at: settled } }, signal })), `${runId} ${settled}`);
  const { data: change } = useAnswer(async (signal) => (settled < 2 ? undefined : answerOf(api.GET('/v1/runs/{runId}/difference', { params: { path: { runId }, query: { from: settled - 1, to: settled } }, signal }))), `${runId} ${settled} change`);
  const [kept, setKept] = useState<RunState | undefined>();
  useEffect(() => { if (state !== undefined) setKept(state); }, [state]);
  const shown = state ?? kept;
  const go = (to: number): void => { setHeld(undefined); onGo(to >= head ? undefined : Math.max(1, to)); };
  return (
    <div class="state-view">
      <div class="slider">
        <button type="button" class="outline small" onClick={() => go(shownAt - 1)} disabled={shownAt <= 1} aria-label="The commit before">‹</button>
        <label for={name}>After commit <output for={name} class="number">{shownAt}</output> of {head}</label>
        <input id={name} type="range" min={1} max={head} value={shownAt} aria-valuetext={`commit ${shownAt} of ${head}`} onInput={({ currentTarget }) => setHeld(Number(currentTarget.value))} onChange={({ currentTarget }) => go(Number(currentTarget.value))} />
        <button type="button" class="outline small" onClick={() => go(shownAt + 1)} disabled={shownAt >= head} aria-label="The next commit">›</button>
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {shown === undefined ? <p class="quiet" aria-busy="true">Reading the log…</p> : <Told state={shown} changes={change?.changes} isStale={shown.commit !== shownAt} />}
    </div>
  );
}

type Changes = paths['/v1/runs/{runId}/difference']['get']['responses'][200]['content']['application/json']['changes'];

function Told({ state, changes, isStale }: { readonly state: RunState; readonly changes: Changes | undefined; readonly isStale: boolean }) {
  const calls = Object.entries(state.calls);
  return (
    <div class="told" aria-busy={isStale}>
      <section aria-label="How it stood">
        <Facts of={{
          Status: <Status of={state.status} />, Stood: state.standing, When: exactTime(state.at),
          'Waited for': state.waitsFor.map(({ for: what }) => what).join(', '),
          Steps: String(state.used.steps), Tokens: state.used.tokens?.toLocaleString(),
          'Read so far': state.read === undefined ? undefined : `${state.read.trust}, ${state.read.secrecy}`,
          Answer: state.answer, Reason: state.reason,
          Commit: <code>{state.hash.slice(0, 12)}</code>,
        }} />
      </section>
      <section aria-label="Calls">
        <h2>Calls</h2>
        {calls.length === 0 ? <p class="quiet">None yet.</p> : <div class="table" role="region" aria-label="Table of calls" tabIndex={0}><table><thead><tr><th scope="col">Tool</th><th scope="col">Policy</th><th scope="col">Status</th><th scope="col">Result is</th></tr></thead>
          <tbody>{calls.slice(-200).toReversed().map(([callId, call]) => <tr key={callId}><td><strong>{call.tool}</strong> <code>{callId}</code></td><td>{call.policy ?? ''}</td><td data-call={call.status}>{call.status}</td><td>{call.label === undefined ? '' : call.label.trust}</td></tr>)}</tbody></table></div>}
      </section>
      <section aria-label="What this commit changed">
        <h2>What commit {state.commit} changed</h2>
        {changes === undefined ? <p class="quiet">{state.commit === 1 ? 'The run began.' : 'Comparing…'}</p> : <ul class="patch">{changes.map((one, index) => <Change key={index} of={one} />)}</ul>}
      </section>
      <details><summary>The whole state as JSON</summary><Json value={state} label="State" /></details>
    </div>
  );
}

const SIGNS: Readonly<Record<Changes[number]['op'], string>> = { add: '+', remove: '−', replace: '~' };

function Change({ of: { op, path, value, was } }: { readonly of: Changes[number] }) {
  return <li data-op={op}><span aria-hidden="true">{SIGNS[op]}</span><span class="unseen">{op}</span> <code>{path}</code> {was === undefined ? null : <del>{short(was)}</del>} {value === undefined ? null : <ins>{short(value)}</ins>}</li>;
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** The value once it has not changed for so long; the first at once. */
function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
