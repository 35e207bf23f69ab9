import { useEffect, useState } from 'preact/hooks';
import { problemFrom } from '../api/problem.js';
import { duration } from '../elements/durations.js';
import { Ago, exactTime, now } from '../elements/time.js';
import { person } from '../session/session.js';
import { ApprovalMatter } from './approval.js';
import { useAnswering } from './answering.js';
import { DoubtMatter } from './doubt.js';
import type { Matter } from './matters.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { QuestionMatter } from './question.js';
import { titleOf } from './matter-list.js';

export interface MatterPaneProps {
  readonly matter: Matter;
  /** False once the list has it no more: somebody answered, or it is too late. */
  readonly isWaiting: boolean;
  readonly onAnswered: () => void;
}

/** One matter with its answers. It stays what it is while it is looked at, whatever the list does meanwhile, and says when it is over. */
export function MatterPane({ matter, isWaiting, onAnswered }: MatterPaneProps) {
  const answering = useAnswering(onAnswered);
  const outcome = useOutcome(matter, isWaiting);
  const isOver = outcome !== undefined;
  return (
    <article class="matter" aria-label={titleOf(matter)}>
      <header>
        <h2>{titleOf(matter)}</h2>
        <p class="quiet">{matter.agent} · asked <Ago at={matter.since} />{matter.until === undefined || isOver ? '' : <> · <Until at={matter.until} /></>} · <a href={`/console/runs/${matter.runId}`}>the run</a></p>
        <p class="goal">{matter.goal}</p>
      </header>
      {isOver ? <div role="alert" data-variant="success" class="outcome"><div><strong>{outcome.text}</strong>{outcome.comment === '' ? null : <p>“{outcome.comment}”</p>}</div></div>
        : answering.state === 'stored' ? <div role="status" class="outcome sent">{isCounted(matter) ? 'You have agreed. Another person has to as well.' : 'Your answer is recorded. The run has not said yet whether it counts.'}</div> : null}
      {isOver ? null : matter.kind === 'approval' ? <ApprovalMatter approval={matter.approval} answering={answering} /> : matter.kind === 'doubt' ? <DoubtMatter doubt={matter.doubt} answering={answering} /> : <QuestionMatter question={matter.question} answering={answering} />}
    </article>
  );
}

function isCounted(matter: Matter): boolean {
  return matter.kind === 'approval' && matter.approval.counted?.by === person.value?.name;
}

function Until({ at }: { readonly at: number }) {
  const left = at - now.value;
  return <span title={exactTime(at)} class={left < 3_600_000 ? 'pressing' : undefined}>{left <= 0 ? 'expired' : `expires in ${duration(left)}`}</span>;
}

const AGAIN_MS = 500;

/** What became of a matter that waits no more, looked up in its run until the run says so. */
function useOutcome(matter: Matter, isWaiting: boolean): Outcome | undefined {
  const [outcome, setOutcome] = useState<Outcome>();
  useEffect(() => {
    if (isWaiting) return undefined;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const found = await outcomeOf(matter, controller.signal);
        if (controller.signal.aborted) return;
        if (found !== undefined) return setOutcome(found);
      } catch (error) {
        if (!problemFrom(error).isRetryable) return setOutcome({ text: problemFrom(error).message, comment: '' });
      }
      if (!controller.signal.aborted) timer = setTimeout(() => void look(), AGAIN_MS);
    };
    void look();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [matter.id, isWaiting]);
  return isWaiting ? undefined : outcome;
}
