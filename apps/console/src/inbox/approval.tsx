import { useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { useShortcuts } from '../keyboard/shortcuts.js';
import { may } from '../session/session.js';
import { AnswerForm } from './answer-form.js';
import type { Answering } from './answering.js';
import { EditedValues, VouchedValues } from './revisions.js';
import { leavesOf, textOf, typedAs, withLeaves } from './leaves.js';
import type { Approval } from './matters.js';
import { judge } from './suspicion.js';
import { Values } from './values.js';

const STEPS = ['approve', 'reject', 'edit', 'vouch'] as const;
type Step = (typeof STEPS)[number];

const STEP_WORDS: Readonly<Record<Step, { readonly label: string; readonly key: string; readonly send: string }>> = {
  approve: { label: 'Approve', key: 'a', send: 'Approve this call' },
  reject: { label: 'Reject', key: 'r', send: 'Reject this call' },
  edit: { label: 'Edit', key: 'e', send: 'Have it judged with these values' },
  vouch: { label: 'Vouch', key: 'v', send: 'Vouch for these values' },
};

/**
 * A call that waits for a person: what would be done, why a person is asked, and the answers. What is shown is what is approved:
 * an approval is of one call with exactly these values, and with others it would have another id.
 */
export function ApprovalMatter({ approval, answering }: { readonly approval: Approval; readonly answering: Answering }) {
  const [step, setStep] = useState<Step>();
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map());
  const values = judge(leavesOf(approval.arguments), (approval.origins ?? []) as never, approval.reasons);
  const [vouched, setVouched] = useState<ReadonlySet<string>>(() => new Set(values.filter(({ isSuspect }) => isSuspect).map(({ path }) => path)));
  const mayAnswer = may('approver') && answering.state !== 'stored';
  useShortcuts(STEPS.map((one) => ({ keys: [STEP_WORDS[one].key], run: () => { if (mayAnswer) setStep(one); } })));

  const bodyOf = (chosen: Step, comment: string) => {
    if (chosen === 'approve' || chosen === 'reject') return { answer: chosen === 'approve' ? 'approved' as const : 'rejected' as const, comment };
    if (chosen === 'vouch') {
      if (vouched.size === 0) throw new SyntaxError('Choose at least one value.');
      return { answer: 'endorsed' as const, comment, endorse: [...vouched] };
    }
    const changes = new Map(values.filter(({ path, value }) => (typed.get(path) ?? textOf(value)) !== textOf(value)).map(({ path, value }) => [path, typedAs(value, typed.get(path) ?? '')]));
    if (changes.size === 0) throw new SyntaxError('Nothing has been changed.');
    return { answer: 'edited' as const, comment, arguments: withLeaves(approval.arguments, changes) as Record<string, unknown> };
  };
  const sendOf = (chosen: Step) => (comment: string) => {
    const body = bodyOf(chosen, comment);
    return () => answerOf(api.POST('/v1/runs/{runId}/approvals/{approvalId}', { params: { path: { runId: approval.runId, approvalId: approval.approvalId } }, body }));
  };

  return (
    <>
      <Reasons approval={approval} />
      <h3>The call</h3>
      <Values values={values} />
      {!may('approver') ? <p class="quiet">Answering needs the role “approver”, which your key does not have.</p> : null}
      {!mayAnswer ? null : step === undefined
        ? (
            <div class="answers" role="group" aria-label="Answers">
              {STEPS.map((one) => (
                <button key={one} type="button" class={one === 'approve' ? undefined : 'outline'} {...(one === 'reject' ? { 'data-variant': 'danger' } : {})} aria-keyshortcuts={STEP_WORDS[one].key} onClick={() => setStep(one)}>
                  {STEP_WORDS[one].label}<kbd aria-hidden="true">{STEP_WORDS[one].key}</kbd>
                </button>
              ))}
            </div>
          )
        : (
            <AnswerForm key={step} label={STEP_WORDS[step].send} {...(step === 'reject' ? { variant: 'danger' as const } : {})} answering={answering} onSend={sendOf(step)} onCancel={() => setStep(undefined)}>
              {step === 'edit' ? <EditedValues values={values} typed={typed} onType={(path, text) => setTyped(new Map(typed).set(path, text))} /> : null}
              {step === 'vouch' ? <VouchedValues values={values} vouched={vouched} onVouch={setVouched} /> : null}
            </AnswerForm>
          )}
    </>
  );
}

/** Why a person is asked, how risky it is, and who has to agree. */
function Reasons({ approval: { reasons, risk, needs, counted, escalatedTo } }: { readonly approval: Approval }) {
  return (
    <section class="reasons" aria-label="Why a person is asked">
      <ul>{reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>
      {risk === undefined ? null : (
        <details>
          <summary>Risk {risk.score} of 100</summary>
          <ul class="quiet">{risk.factors.map((factor) => <li key={factor}>{factor}</li>)}</ul>
        </details>
      )}
      {needs === undefined || (needs.persons === 1 && needs.roles === undefined) ? null : (
        <p>
          {needs.persons === 2 ? 'Two people have to agree' : 'One person has to agree'}{needs.roles === undefined ? '' : `, of ${needs.roles.join(' or ')}`}.
          {counted === undefined ? '' : ` ${counted.by} has.`}
        </p>
      )}
      {escalatedTo === undefined ? null : <p>Nobody answered, so {escalatedTo.join(' or ')} may as well.</p>}
    </section>
  );
}
