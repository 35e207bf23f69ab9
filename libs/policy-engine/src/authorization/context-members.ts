import type { Type } from '@cedar-policy/cedar-wasm/nodejs';

const string = { type: 'String' } as const;
const strings = { type: 'Set', element: string } as const;
const long = { type: 'Long' } as const;
const counters = { type: 'Record', attributes: { steps: long, calls: long, toolCalls: long, toolAmount: long } } as const;
const boolean = { type: 'Boolean' } as const;

interface Member {
  readonly type: Type<string>;
  /** Known before there is a call, so that it also decides what an agent is shown. */
  readonly isKnown: boolean;
}
const known = (type: Type<string>): Member => ({ type, isKnown: true });
const ofCall = (type: Type<string>): Member => ({ type, isKnown: false });

/** What changes from call to call in every run; an answer of Cedar's is remembered by them only where a policy reads them. */
export const CHANGING = ['input', 'counters'] as const;

/** Every member of the context of a call but `input`, whose type is the tool's own. */
export const CONTEXT_MEMBERS = {
  tenant: known(string), taskType: known(string), environment: known(string), trustTier: known(string), effect: known(string),
  requester: ofCall(string), approved: ofCall(boolean), approver: ofCall(string), approverRoles: ofCall(strings), amount: ofCall(long), risk: ofCall(long),
  untrustedSinks: ofCall(strings), thirdPartySinks: ofCall(strings), unprovenSinks: ofCall(strings), untrustedTargets: ofCall(strings), secretContent: ofCall(strings),
  unasked: ofCall(boolean), counters: ofCall(counters), contentTrust: ofCall(string), secrecy: ofCall(string),
} as const satisfies Readonly<Record<string, Member>>;

/** What is not known before there is a call. */
export const MEMBERS_OF_CALL: readonly string[] = ['input', ...Object.entries(CONTEXT_MEMBERS).filter(([, { isKnown }]) => !isKnown).map(([name]) => name)];
