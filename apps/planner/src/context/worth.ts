import { joined, type Label, type Reading, type RunEventOf } from '@holdfast/contracts';

/** What a part of a conversation is worth: as a whole, and by the dotted path of single values of it. */
export interface Worth {
  readonly label: Label;
  readonly fields?: Readonly<Record<string, Label>>;
  /** What a call gave back, without the labels that a model is shown beside it. */
  readonly content?: unknown;
}

/** What Holdfast itself says. */
export const OWN_WORTH: Worth = { label: { trust: 'organisation', secrecy: 'internal', source: 'holdfast' } };

/** What a person of the organisation says in a run that is not theirs. */
export function personWorth(by: string): Worth {
  return { label: { trust: 'organisation', secrecy: 'internal', source: `person:${by}` } };
}

export function taskWorth({ labels }: RunEventOf<'task-accepted' | 'run-forked'>): Worth {
  return { label: { ...Object.values(labels).reduce<Reading>((join, { trust, secrecy }) => joined(join, { trust, secrecy }), { trust: 'user', secrecy: 'public' }), source: 'task' }, fields: labels };
}

/** Who asked in earlier turns is a name that nobody vouches for. */
export function threadWorth({ turns }: RunEventOf<'thread-read'>): Worth {
  const labels = turns.flatMap(({ goal, answer }): Label[] => [goal.label, ...(answer === undefined ? [] : [answer.label])]);
  return { label: { ...labels.reduce<Reading>(joined, { trust: 'third-party', secrecy: 'internal' }), source: 'thread' } };
}
