import { X } from 'lucide';
import { Facts, Json } from '../../elements/facts.js';
import { duration } from '../../elements/durations.js';
import { Icon } from '../../elements/icon.js';
import { exactTime } from '../../elements/time.js';
import { PART_WORDS } from './span-row.js';
import { member, type Outcome, type Proposal, type RunEvent, type Verdict } from './run-events.js';
import type { Span } from './spans.js';
import type { Timeline } from './timeline.js';

interface SpanDetailsProps {
  readonly timeline: Timeline;
  readonly span: Span;
  /** Where the causal chain of a call, or of a commit, is told. */
  readonly whyHref: string;
  readonly stateHref: string;
  readonly onClose: () => void;
}

/** Everything that the log says about one row. */
export function SpanDetails({ timeline, span, whyHref, stateHref, onClose }: SpanDetailsProps) {
  const events = span.events.flatMap((id) => timeline.events.get(id) ?? []);
  return (
    <aside class="details" aria-label={`Details of ${span.title}`} onKeyDown={(event) => { if (event.key === 'Escape') onClose(); }}>
      <header>
        <h2>{span.title}</h2>
        <button type="button" class="ghost icon small" onClick={onClose} aria-label="Close the details"><Icon of={X} /></button>
      </header>
      {span.note === '' ? null : <p class="quiet">{span.note}</p>}
      <p class="links">
        <a class="button outline small" href={whyHref}>Why?</a>
        <a class="button outline small" href={stateHref}>State then</a>
      </p>
      <Facts of={{
        Began: exactTime(span.start),
        Took: span.end === undefined ? 'goes on' : span.kind === 'note' ? undefined : duration(span.end - span.start),
        Commits: span.commit === span.lastCommit ? String(span.commit) : `${span.commit} to ${span.lastCommit}`,
      }} />
      {span.parts.length < 2 ? null : <ul class="parts" data-kind={span.kind}>{span.parts.map((part, index) => <li key={index} data-part={part.kind}><span class="swatch" aria-hidden="true" />{PART_WORDS[part.kind]}<span class="number">{part.end === undefined ? 'goes on' : duration(part.end - part.start)}</span></li>)}</ul>}
      {events.map((event) => <EventDetails key={event.id} event={event} />)}
    </aside>
  );
}

function EventDetails({ event }: { readonly event: RunEvent }) {
  switch (event.event.type) {
    case 'decision-made': return <Decision {...member<Proposal>(event, 'proposal')} />;
    case 'policy-checked': return <Judged {...member<Verdict>(event, 'verdict')} />;
    case 'tool-called': return <section><h3>Sent</h3><Json label="Arguments" value={member(event, 'arguments')} /><Facts of={{ Adapter: member<string>(event, 'adapter'), Effect: member<string>(event, 'effect') }} /></section>;
    case 'tool-returned': return <Returned {...member<Outcome>(event, 'outcome')} />;
    case 'observation-recorded': {
      const { trust, secrecy, source } = member<{ trust: string; secrecy: string; source: string }>(event, 'label');
      return <section><h3>What the model is told</h3><Facts of={{ Trust: trust, Secrecy: secrecy, Source: source }} /></section>;
    }
    default: {
      const { type, ...rest } = event.event;
      return <section><h3>{type.replaceAll('-', ' ')}</h3><Json label={type} value={rest} /></section>;
    }
  }
}

function Decision({ text, answer, requests, model }: Proposal) {
  const { inputTokens, outputTokens, cost, attempts = [] } = model;
  return (
    <section>
      <h3>The model said</h3>
      {text === '' ? null : <blockquote>{text}</blockquote>}
      {answer === undefined ? null : <><h4>Answer</h4><blockquote>{answer}</blockquote></>}
      {requests.length === 0 ? null : <ul class="asked">{requests.map(({ tool, arguments: given }, index) => <li key={index}><strong>{tool}</strong><Json label={`Arguments of ${tool}`} value={given} /></li>)}</ul>}
      <Facts of={{
        Model: `${model.provider}/${model.name}`,
        Tokens: `${inputTokens.toLocaleString()} in, ${outputTokens.toLocaleString()} out`,
        Cost: cost === undefined ? undefined : `${cost.micros / 1_000_000} ${cost.currency}`,
        'At work': duration(model.durationMs),
        Tries: attempts.length < 2 ? undefined : attempts.map(({ model: name, outcome, durationMs }) => `${name} ${outcome} in ${duration(durationMs)}`).join('; '),
        'Tools shown': model.toolsShown.join(', '),
        Prompt: <code>{model.promptDigest.slice(0, 12)}</code>,
      }} />
    </section>
  );
}

function Judged({ outcome, reasons, policies, risk, origins }: Verdict) {
  return (
    <section>
      <h3>Policy: <span class="verdict" data-outcome={outcome}>{outcome}</span></h3>
      <ul>{reasons.map((one) => <li key={one}>{one}</li>)}</ul>
      <Facts of={{ Risk: `${risk.score}${risk.factors.length === 0 ? '' : `: ${risk.factors.join(', ')}`}`, Policies: policies.join(', ') }} />
      {origins.length === 0 ? null : (
        <div class="table" role="region" aria-label="Where arguments came from" tabIndex={0}><table><thead><tr><th scope="col">Argument</th><th scope="col">Role</th><th scope="col">From</th><th scope="col">Trust</th></tr></thead>
          <tbody>{origins.map(({ argument, role, source, trust }) => <tr key={argument}><td><code>{argument}</code></td><td>{role}</td><td>{source}</td><td data-trust={trust}>{trust}</td></tr>)}</tbody></table></div>
      )}
    </section>
  );
}

function Returned({ status, attempts, replayed, result, failure }: Outcome) {
  return (
    <section>
      <h3>{status === 'succeeded' ? 'Succeeded' : status === 'failed' ? 'Failed' : 'In doubt'}{replayed === true ? ', done before: nothing was done again' : ''}</h3>
      {failure === undefined ? null : <p><code>{failure.code}</code> {failure.message}</p>}
      {attempts.length === 0 ? null : <ol class="attempts">{attempts.map(({ at, durationMs, outcome }, index) => <li key={index}><time dateTime={new Date(at).toISOString()}>{exactTime(at)}</time> {outcome} in {duration(durationMs)}</li>)}</ol>}
      {result === undefined ? null : <Json label="Result" value={result} />}
    </section>
  );
}
