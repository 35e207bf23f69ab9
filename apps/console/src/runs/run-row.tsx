import { memo } from 'preact/compat';
import { Ago } from '../elements/time.js';
import type { RunSummary } from './filter.js';
import { saidInShort } from './said.js';
import { Status } from './status.js';

/** One run in a list: how it stands, what it is for, and what it waits for. */
export const RunRow = memo(function RunRow({ run }: { readonly run: RunSummary }) {
  return (
    <a class="run-row" href={`/console/runs/${run.runId}`} data-status={run.status}>
      <Status of={run.status} />
      <span class="goal">{run.goal === '' ? run.taskId : run.goal}</span>
      <span class="doing">{doing(run)}</span>
      <span class="agent">{run.agent}</span>
      <span class="steps">{run.steps === 1 ? '1 step' : `${run.steps} steps`}</span>
      <Ago at={run.changedAt} />
    </a>
  );
});

/** What a person would ask next. */
export function doing({ status, answer, reason, openCalls, approvalsWaiting }: RunSummary): string {
  if (approvalsWaiting.length > 0) return approvalsWaiting.length === 1 ? `Approval of ${openCalls.find(({ callId }) => callId === approvalsWaiting[0]?.callId)?.tool ?? 'a call'}` : `${approvalsWaiting.length} approvals`;
  if (status === 'completed') return saidInShort(answer ?? '');
  if (reason !== undefined && reason !== '') return reason;
  const [first] = openCalls;
  if (first === undefined) return status === 'running' ? 'Thinking' : '';
  if (first.status === 'in-doubt') return `In doubt: ${first.tool}`;
  if (first.status === 'parked') return `Parked: ${first.tool}`;
  return openCalls.length === 1 ? `Calls ${first.tool}` : `Calls ${first.tool} and ${openCalls.length - 1} more`;
}
