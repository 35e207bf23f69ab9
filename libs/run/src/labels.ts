import type { Label, Reading } from '@holdfast/contracts';

/** What the orchestrator itself records: times and names of signals. */
export const OWN_LABEL: Label = { trust: 'organisation', secrecy: 'internal', source: 'holdfast' };

/** What the organisation's people say in a run that is not theirs. */
export const PEOPLE: Reading = { trust: 'organisation', secrecy: 'internal' };
