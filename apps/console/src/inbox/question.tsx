import { useId, useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { ProblemNote } from '../elements/problem-note.js';
import { useShortcuts } from '../keyboard/shortcuts.js';
import { may } from '../session/session.js';
import type { Answering } from './answering.js';
import type { Question } from './matters.js';

/** A question that an agent asks people. It is a model's words: nobody should answer it with a secret. */
export function QuestionMatter({ question, answering }: { readonly question: Question; readonly answering: Answering }) {
  const [text, setText] = useState('');
  const field = useId();
  const { choices = [] } = question;
  const mayAnswer = may('operator') && answering.state !== 'stored';
  const send = (answer: string): void => {
    if (!mayAnswer || answering.state === 'sending' || answer.trim() === '') return;
    void answering.send(() => answerOf(api.POST('/v1/runs/{runId}/questions/{callId}', { params: { path: { runId: question.runId, callId: question.callId } }, body: { answer } })));
  };
  useShortcuts([{ keys: ['a'], run: () => document.querySelector<HTMLElement>('.question-answer :is(textarea, button)')?.focus() }]);
  return (
    <>
      <blockquote class="question">{question.text}</blockquote>
      <p class="quiet">A model wrote this. Never answer with a password or a key.</p>
      {!may('operator') ? <p class="quiet">Answering needs the role “operator”, which your key does not have.</p> : null}
      {answering.problem === undefined ? null : <ProblemNote problem={answering.problem} />}
      {!mayAnswer ? null : choices.length > 0
        ? <div class="answers question-answer" role="group" aria-label="Answers">{choices.map((choice) => <button key={choice} type="button" class="outline" aria-busy={answering.state === 'sending'} onClick={() => send(choice)}>{choice}</button>)}</div>
        : (
            <form class="answer card question-answer" onSubmit={(event) => { event.preventDefault(); send(text); }}>
              <label for={field}>Your answer <span class="quiet">sent by Ctrl and Enter as well</span></label>
              <textarea id={field} required maxLength={20_000} value={text} onInput={(event) => setText(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(text); }} />
              <div class="hstack"><button type="submit" aria-busy={answering.state === 'sending'}>Answer</button></div>
            </form>
          )}
    </>
  );
}
