import { answerOf, api } from '../api/client.js';
import { useAnswer } from '../api/use-answer.js';
import { STATUSES, type RunFilter, type RunStatus } from './filter.js';
import { STATUS_WORDS } from './status.js';

/** What a list shows, by status and agent. */
export function RunFilters({ filter, onChange }: { readonly filter: RunFilter; readonly onChange: (filter: RunFilter) => void }) {
  const agents = useAnswer((signal) => answerOf(api.GET('/v1/agents', { signal })), 'agents').data?.agents ?? [];
  const names = [...new Set([...agents.map(({ name }) => name), ...(filter.agent === undefined ? [] : [filter.agent])])].sort();
  return (
    <form class="filters" role="search" aria-label="Filter runs" onSubmit={(event) => event.preventDefault()}>
      <select aria-label="Status" value={filter.status ?? ''} onChange={({ currentTarget: { value } }) => onChange(without({ ...filter, status: value === '' ? undefined : value as RunStatus }))}>
        <option value="">Every status</option>
        {STATUSES.map((status) => <option key={status} value={status}>{STATUS_WORDS[status]}</option>)}
      </select>
      <select aria-label="Agent" value={filter.agent ?? ''} onChange={({ currentTarget: { value } }) => onChange(without({ ...filter, agent: value === '' ? undefined : value }))}>
        <option value="">Every agent</option>
        {names.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
      {filter.type === undefined ? null : <button type="button" class="outline small" onClick={() => onChange(without({ ...filter, type: undefined }))} aria-label={`Show every type of task, not only ${filter.type}`}>{filter.type} ×</button>}
    </form>
  );
}

type Wanted = { readonly [Name in keyof RunFilter]: RunFilter[Name] | undefined };

function without(wanted: Wanted): RunFilter {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}
