import { useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { useAnswer } from '../api/use-answer.js';
import { useShortcuts } from '../keyboard/shortcuts.js';
import { may } from '../session/session.js';
import { AnswerForm } from './answer-form.js';
import type { Answering } from './answering.js';
import { leavesOf } from './leaves.js';
import type { Doubt } from './matters.js';
import { skeletonOf } from './skeleton.js';
import { judge } from './suspicion.js';
import { Values } from './values.js';

const STEPS = ['happened', 'did-not-happen', 'retry'] as const;
type Step = (typeof STEPS)[number];

const STEP_WORDS: Readonly<Record<Step, { readonly label: string; readonly key: string; readonly send: string }>> = {
  happened: { label: 'It happened', key: 'y', send: 'Record that it happened' },
  'did-not-happen': { label: 'It did not happen', key: 'n', send: 'Record that it did not happen' },
  retry: { label: 'It did not, try again', key: 't', send: 'Record that it did not, and try again' },
};

/** An operation of which nobody knows whether it happened: a person looks into the system of record, and says so. */
export function DoubtMatter({ doubt, answering }: { readonly doubt: Doubt; readonly answering: Answering }) {
  const [step, setStep] = useState<Step>();
  const [typed, setTyped] = useState<string>();
  const tool = useAnswer((signal) => answerOf(api.GET('/v1/tools/{name}', { params: { path: { name: doubt.tool } }, signal })), doubt.tool);
  const result = typed ?? JSON.stringify(skeletonOf(tool.data?.contract.output ?? {}), undefined, 2);
  const mayAnswer = may('approver') && answering.state !== 'stored';
  useShortcuts(STEPS.map((one) => ({ keys: [STEP_WORDS[one].key], run: () => { if (mayAnswer) setStep(one); } })));
  const sendOf = (resolution: Step) => (comment: string) => {
    const body = resolution === 'happened' ? { resolution, comment, result: parsed(result) } : { resolution, comment };
    return () => answerOf(api.POST('/v1/in-doubt/{operation}', { params: { path: { operation: doubt.operation } }, body }));
  };
  const { calls } = doubt;
  return (
    <>
      <section class="reasons" aria-label="Why a person is asked">
        <p>{doubt.reason}</p>
        <p>The tool can neither be asked nor asked again. Look into the system of record first; the first word counts, for every run that waits.</p>
        {calls.length === 1 ? null : <p>{calls.length} runs wait for it: {calls.map(({ runId }, at) => <span key={runId}>{at === 0 ? '' : ', '}<a href={`/console/runs/${runId}`}>{runId.slice(0, 10)}</a></span>)}.</p>}
      </section>
      <h3>The call</h3>
      <Values values={judge(leavesOf(doubt.arguments), [], [])} />
      {!may('approver') ? <p class="quiet">Answering needs the role “approver”, which your key does not have.</p> : null}
      {!mayAnswer ? null : step === undefined
        ? (
            <div class="answers" role="group" aria-label="Answers">
              {STEPS.map((one) => (
                <button key={one} type="button" class={one === 'happened' ? undefined : 'outline'} aria-keyshortcuts={STEP_WORDS[one].key} onClick={() => setStep(one)}>
                  {STEP_WORDS[one].label}<kbd aria-hidden="true">{STEP_WORDS[one].key}</kbd>
                </button>
              ))}
            </div>
          )
        : (
            <AnswerForm key={step} label={STEP_WORDS[step].send} answering={answering} onSend={sendOf(step)} onCancel={() => setStep(undefined)}>
              {step !== 'happened' ? null : (
                <label>
                  Its result <span class="quiet">as the tool would have given it, in JSON</span>
                  <textarea class="code" rows={Math.min(12, result.split('\n').length + 1)} spellcheck={false} value={result} onInput={(event) => setTyped(event.currentTarget.value)} />
                </label>
              )}
            </AnswerForm>
          )}
    </>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError('The result is not JSON.');
  }
}
