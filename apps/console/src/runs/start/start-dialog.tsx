import { useId, useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.js';
import { problemFrom } from '../../api/problem.js';
import { Confirm } from '../../elements/confirm.js';
import { Loaded } from '../../elements/loaded.js';
import type { Taker } from './takers.js';
import { taskInputOf } from './task-input.js';
import { useTakers } from './use-takers.js';

interface StartDialogProps {
  readonly onBegun: (runId: string) => void;
  readonly onClose: () => void;
}

/**
 * Begins a run. The form makes the task's id once, so that however often it is sent it begins one run. Where nobody knows whether it
 * was taken, what it says is fixed: under the same id there is no other task.
 */
export function StartDialog({ onBegun, onClose }: StartDialogProps) {
  const takers = useTakers();
  const [id] = useState(() => crypto.randomUUID());
  const [type, setType] = useState('');
  const [goal, setGoal] = useState('');
  const [data, setData] = useState('');
  const [isFixed, setFixed] = useState(false);
  const [goalField, dataField, hint] = [useId(), useId(), useId()];
  const read = taskInputOf(data);
  const fault = 'fault' in read ? read.fault : undefined;
  const start = async (): Promise<void> => {
    try {
      const { runId } = await answerOf(api.POST('/v1/tasks', { params: {}, body: { id, type, goal, ...('input' in read && read.input !== undefined ? { input: read.input } : {}) } }));
      onBegun(runId);
    } catch (error) {
      if (problemFrom(error).isRetryable) setFixed(true);
      throw error;
    }
  };
  return (
    <Confirm title="Start a task" label={isFixed ? 'Send it again' : 'Start'} onConfirm={start} onClose={onClose}>
      <Loaded answer={takers}>
        {(all) => (all.length === 0 ? <p>No agent takes tasks: publish a version, or route tasks to one.</p> : <TypeField takers={all} type={type} isFixed={isFixed} onType={setType} />)}
      </Loaded>
      <div>
        <label for={goalField}>Goal <span class="quiet">in your own words; the agent is given them</span></label>
        <textarea id={goalField} rows={3} required maxLength={20_000} readOnly={isFixed} value={goal} onInput={(event) => setGoal(event.currentTarget.value)} />
      </div>
      <div data-field={fault === undefined ? undefined : 'error'}>
        <label for={dataField}>Data <span class="quiet">a JSON object, if there is any</span></label>
        <textarea id={dataField} rows={3} class="code" spellcheck={false} readOnly={isFixed} value={data} aria-describedby={hint} aria-invalid={fault !== undefined}
          ref={(field) => field?.setCustomValidity(fault ?? '')} onInput={(event) => setData(event.currentTarget.value)} />
        <p id={hint} class="hint">{fault ?? (isFixed ? 'It may have been taken already: sent again as it is, it begins one run.' : 'What else the task is about.')}</p>
      </div>
    </Confirm>
  );
}

function TypeField({ takers, type, isFixed, onType }: { readonly takers: readonly Taker[]; readonly type: string; readonly isFixed: boolean; readonly onType: (type: string) => void }) {
  const [field, hint] = [useId(), useId()];
  const versions = takers.find((taker) => taker.type === type)?.versions ?? [];
  return (
    <div>
      <label for={field}>Type</label>
      <select id={field} required disabled={isFixed} value={type} aria-describedby={hint} onChange={(event) => onType(event.currentTarget.value)}>
        <option value="">Choose one…</option>
        {takers.map((taker) => <option key={taker.type} value={taker.type}>{taker.type}</option>)}
      </select>
      <p id={hint} class="hint">{versions.length === 0 ? 'It decides which agent takes the task.' : `Taken by ${versions.map(({ agent, digest, percent }) => `${agent} ${digest.slice(0, 8)} (${percent} % of its tasks)`).join(' or ')}.`}</p>
    </div>
  );
}
