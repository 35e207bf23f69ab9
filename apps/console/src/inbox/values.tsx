import { textOf } from './leaves.js';
import { parts, type Judged } from './suspicion.js';

/** What kind of source a value has, in words. */
const TRUST: Readonly<Record<string, string>> = {
  user: 'the requester’s own words', endorsed: 'vouched for', organisation: 'your organisation’s records', 'third-party': 'written outside your organisation', model: 'made up by the model',
};
const ROLE: Readonly<Record<string, string>> = { sink: 'where it goes', target: 'what it acts upon', content: 'what it says', when: 'when', enum: 'a choice' };

/** The values of a call, each with where it came from. Those that nobody vouches for stand out, by a word and not by colour alone. */
export function Values({ values }: { readonly values: readonly Judged[] }) {
  if (values.length === 0) return <p class="quiet">The call has no arguments.</p>;
  return (
    <dl class="values">
      {values.map((value) => <Value key={value.path} {...value} />)}
    </dl>
  );
}

function Value({ path, value, origin, isSuspect }: Judged) {
  const text = textOf(value);
  return (
    <div class="value" data-suspect={isSuspect}>
      <dt>
        <code>{path}</code>
        {origin !== undefined && <span class="quiet">{ROLE[origin.role] ?? origin.role}</span>}
        {isSuspect && <span class="badge" data-variant="warning">Look closely</span>}
      </dt>
      <dd>
        <div class="said">{text === '' ? <span class="quiet">empty</span> : text}</div>
        {origin !== undefined && (
          <p class="origin">
            <span data-trust={origin.trust}>{TRUST[origin.trust] ?? origin.trust}</span>, read in <code>{origin.source}</code>
          </p>
        )}
        {origin !== undefined && origin.excerpt !== text && <Excerpt excerpt={origin.excerpt} value={text} />}
      </dd>
    </div>
  );
}

/** The text around a value as it was found, with the value marked in it. */
function Excerpt({ excerpt, value }: { readonly excerpt: string; readonly value: string }) {
  return <blockquote class="excerpt">{parts(excerpt, value).map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part))}</blockquote>;
}
