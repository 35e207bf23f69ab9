import { UNKNOWN_READING, writtenAfter, type Label, type Reading } from '@holdfast/contracts';

/** What the orchestrator itself records: times and names of signals. */
export const OWN_LABEL: Label = { trust: 'organisation', secrecy: 'internal', source: 'holdfast' };

/** What the organisation's people say in a run that is not theirs. */
export const PEOPLE: Reading = { trust: 'organisation', secrecy: 'internal' };

/** What a summary is worth of what a run has done up to a commit: it may hold anything that the run has read, and vouches for none of it. */
export function summaryLabel({ read }: { readonly read?: Reading }, upTo: number): Label {
  return { ...writtenAfter(read ?? UNKNOWN_READING), source: `summary up to commit ${upTo}` };
}
