import type { paths } from '../../generated/api.js';

type Query = NonNullable<paths['/v1/runs']['get']['parameters']['query']>;
export type RunSummary = paths['/v1/runs']['get']['responses'][200]['content']['application/json']['runs'][number];
export type RunStatus = RunSummary['status'];

/** Which runs a list shows; the address holds it, so that it can be kept and passed on. */
export type RunFilter = Pick<Query, 'status' | 'agent' | 'type'>;

export const STATUSES: readonly RunStatus[] = ['waiting', 'running', 'paused', 'stopping', 'completed', 'failed', 'cancelled', 'erased', 'unreadable'];

/** The filter of an address; what is no filter is left out. */
export function readFilter(query: Readonly<Record<string, string>>): RunFilter {
  const status = STATUSES.find((one) => one === query['status']);
  const agent = query['agent'];
  const type = query['type'];
  return { ...(status === undefined ? {} : { status }), ...(agent === undefined || agent === '' ? {} : { agent }), ...(type === undefined || type === '' ? {} : { type }) };
}

/** The address of the list with this filter. */
export function addressOf(filter: RunFilter): string {
  const query = new URLSearchParams(Object.entries(filter).filter((entry): entry is [string, string] => typeof entry[1] === 'string')).toString();
  return query === '' ? '/console/runs' : `/console/runs?${query}`;
}

export function matches({ status, agent, type }: RunFilter, run: RunSummary): boolean {
  return (status === undefined || run.status === status) && (agent === undefined || run.agent === agent) && (type === undefined || run.type === type);
}
