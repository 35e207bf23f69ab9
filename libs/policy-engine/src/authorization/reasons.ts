import { oneLine } from '../origins/excerpt.js';
import { withoutSinks } from './without-sinks.js';
import type { TracedArgument } from '../origins/trace-arguments.js';
import type { PolicyBundle } from './bundle.js';
import { BASE_FILE } from './base-policy.js';
import type { Taint } from './context.js';

/** Where a value was found, without the dots of its path, which read like those of a host. */
const place = ({ source }: TracedArgument): string => source.replaceAll('.', ' › ');
const said = (text: string): string => `"${withoutSinks(text)}"`;

/** An argument's name as people say it: `amountCents` is "amount cents". */
const spoken = (argument: TracedArgument): string => {
  const [name = '', ...rest] = argument.argument.split(' ');
  const words = name.replace(/[._]/g, ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return withoutSinks([words, ...rest].join(' '));
};

/**
 * Sentences on every value that the information-flow rules hold up, naming its value, where it was read and the text around it. `request`
 * is added to what a person could confirm, where one is about to be asked.
 *
 * Reasons also go back to the model, which hands them on to colleagues. So addresses are shortened in them: the engine must
 * not be the one that carries an outsider's account further. People who approve find all of it in the verdict's origins.
 */
export function flowReasons(taint: Taint, request: '' | ' A person must confirm it.'): readonly string[] {
  return [
    ...taint.thirdPartySinks.map((sink) => `${introduced(sink)} comes only from text written outside the organisation (${place(sink)}): ${said(sink.excerpt)}. No record confirms it${request === '' ? ', so the call is refused.' : `.${request}`}`),
    ...taint.unprovenSinks.map((sink) =>
      sink.trust === 'organisation'
        ? `${introduced(sink)} comes from the organisation's records (${place(sink)}), which mention it without vouching for it: ${said(sink.excerpt)}.${request}`
        : `${introduced(sink)} is in nothing that was read for this task; the model worked it out or made it up.${request}`),
    ...taint.untrustedTargets.map((target) => `${introduced(target)} says what is acted upon, and ${STANDINGS[target.grounds ?? 'none']}${target.source === 'model' ? '' : ` (${place(target)}: ${said(target.excerpt)})`}.${request}`),
    ...taint.secretContent.map((content) => content.role === 'target' ? `${introduced(content)} is of a record that holds something secret, and the call would send it somewhere.${request}` : `The text for "${spoken(content)}" may hold something secret that was read for this task, and would go where others read it.${request}`),
    ...(taint.isUnasked ? [`The requester has no part in this call: its text is not theirs, and it acts upon nothing that they named or somebody vouches for, or it does so once more than they asked.${request}`] : []),
  ];
}

/** Why a target is held up, by the grounds that there are for it: only what is destructive is held up although there are some. */
const STANDINGS = {
  none: 'neither did the requester name it nor did this run create it',
  created: 'that this run created it is no reason to destroy it',
  named: 'the requester named it, but not to have it destroyed',
  stated: 'the requester named it, but not to have it destroyed',
} as const;

function introduced(sink: TracedArgument): string {
  return `The value ${said(oneLine(sink.value))} for "${spoken(sink)}"`;
}

/** What policies say for themselves by `@reason`; the engine's own speak through {@link flowReasons}. */
export function policyReasons(bundle: PolicyBundle, ids: readonly string[], verb: string): readonly string[] {
  return ids.flatMap((id) => {
    const policy = bundle.policies.get(id);
    if (policy?.file === BASE_FILE) return [];
    return [policy?.reason ?? `Policy "${id}" ${verb} this.`];
  });
}
