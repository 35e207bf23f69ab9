import { useId, useState } from 'preact/hooks';
import type { paths } from '../../../generated/api.js';
import { answerOf, api } from '../../api/client.js';
import { useAnswer } from '../../api/use-answer.js';
import { Facts, Json } from '../../elements/facts.js';
import { ProblemNote } from '../../elements/problem-note.js';
import { Status } from '../status.js';

type Comparison = paths['/v1/runs/{runId}/comparison']['get']['responses'][200]['content']['application/json'];
type Side = Comparison['left'];
type Row = Comparison['steps'][number];
type Step = NonNullable<Row['left']>;

interface ComparisonViewProps {
  readonly runId: string;
  /** The other run, as the address names it; the one at which this began when it names none. */
  readonly other: string | undefined;
  readonly onCompare: (other: string) => void;
}

/** Two runs beside each other, step by step: a fork and the run at which it began, or any two. */
export function ComparisonView({ runId, other, onCompare }: ComparisonViewProps) {
  const [typed, setTyped] = useState(other ?? '');
  const [name, showsShared] = [useId(), useState(false)];
  const { data, problem, reload } = useAnswer(async (signal) => (other === undefined ? undefined : answerOf(api.GET('/v1/runs/{runId}/comparison', { params: { path: { runId: other }, query: { with: runId } }, signal }))), `${runId} ${other ?? ''}`);
  return (
    <div class="comparison">
      <form class="with" onSubmit={(event) => { event.preventDefault(); if (typed.trim() !== '') onCompare(typed.trim()); }}>
        <label for={name}>Compare with run</label>
        <input id={name} value={typed} spellcheck={false} onInput={(event) => setTyped(event.currentTarget.value)} />
        <button type="submit" class="outline">Compare</button>
      </form>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {data === undefined ? (other === undefined ? <p class="quiet">Name another run: one that was forked from this, the one from which this was forked, or any other.</p> : problem === undefined ? <p class="quiet" aria-busy="true">Comparing…</p> : null) : <Beside {...data} showsShared={showsShared} />}
    </div>
  );
}

function Beside({ left, right, shared, diverges, steps, showsShared: [isShown, show] }: Comparison & { readonly showsShared: [boolean, (is: boolean) => void] }) {
  const from = isShown ? 0 : shared;
  return (
    <>
      <p role="status">{diverges === undefined ? 'They do not differ.' : `They part at step ${diverges + 1}.`} {shared === 0 ? 'They share no step.' : <>They share {shared === 1 ? 'one step' : `${shared} steps`}. <button type="button" class="ghost small" aria-expanded={isShown} onClick={() => show(!isShown)}>{isShown ? 'Hide what they share' : 'Show what they share'}</button></>}</p>
      <div class="table beside" role="region" aria-label="Steps beside each other" tabIndex={0}><table>
        <thead><tr><th scope="col" class="number">Step</th><th scope="col"><Head of={left} /></th><th scope="col"><Head of={right} /></th></tr></thead>
        <tbody>{steps.slice(from).map((row, index) => <StepRow key={from + index} place={from + index} row={row} isWhereTheyPart={from + index === diverges} />)}</tbody>
      </table></div>
    </>
  );
}

function Head({ of: { runId, agent, status, used, origin } }: { readonly of: Side }) {
  return (
    <>
      <a class="inline" href={`/console/runs/${runId}`}><strong>{origin === undefined ? 'Run' : `Fork at commit ${origin.number}`}</strong> <code>{runId}</code></a>
      <span class="under"><Status of={status} /> {agent.name} {agent.digest.slice(0, 8)} · {used.steps} steps{used.tokens === undefined ? '' : ` · ${used.tokens.toLocaleString()} tokens`}</span>
    </>
  );
}

function StepRow({ place, row: { left, right, shared, differs }, isWhereTheyPart }: { readonly place: number; readonly row: Row; readonly isWhereTheyPart: boolean }) {
  return (
    <tr data-parts={isWhereTheyPart} data-shared={shared}>
      <th scope="row" class="number">{place + 1}</th>
      {shared && left !== undefined ? <td colSpan={2}><StepCell of={left} differs={[]} /></td> : <>
        <td>{left === undefined ? <span class="quiet">no such step</span> : <StepCell of={left} differs={differs} />}</td>
        <td>{right === undefined ? <span class="quiet">no such step</span> : <StepCell of={right} differs={differs} />}</td>
      </>}
    </tr>
  );
}

function StepCell({ of: { text, answer, calls, model, tokens }, differs }: { readonly of: Step; readonly differs: Row['differs'] }) {
  return (
    <div class="step">
      {differs.length === 0 ? null : <span class="differs">differs in {differs.join(', ')}</span>}
      {text === '' ? null : <blockquote>{text}</blockquote>}
      {answer === undefined ? null : <blockquote><strong>Answer:</strong> {answer}</blockquote>}
      {calls.map(({ callId, tool, arguments: given, policy, status, result }) => (
        <details key={callId}><summary><strong>{tool}</strong> <span data-call={status}>{status}</span>{policy === undefined ? '' : `, ${policy}`}</summary><Json label="Arguments" value={given} />{result === undefined ? null : <Json label="Result" value={result} />}</details>
      ))}
      <Facts of={{ Model: model, Tokens: tokens?.toLocaleString() }} />
    </div>
  );
}
