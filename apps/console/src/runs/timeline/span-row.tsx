import { Bot, Flag, Wrench } from 'lucide';
import { duration } from '../../elements/durations.js';
import { Icon } from '../../elements/icon.js';
import { placeOf, type Range } from './scale.js';
import type { PartKind, Span } from './spans.js';

const DRAWINGS = { model: Bot, call: Wrench, note: Flag } as const;

export const PART_WORDS: Readonly<Record<PartKind, string>> = {
  work: 'at work', failed: 'a try that failed', idle: 'nobody at work', person: 'waits for a person', waiting: 'waits', parked: 'parked', doubt: 'in doubt',
};

interface SpanRowProps {
  readonly span: Span;
  readonly range: Range;
  readonly clock: number;
  readonly isSelected: boolean;
  readonly onSelect: (id: string) => void;
}

/** One row: what, how long and when, and what it came to. */
export function SpanRow({ span, range, clock, isSelected, onSelect }: SpanRowProps) {
  const { id, kind, title, note, state, start, end, parts } = span;
  return (
    <button type="button" class="span" data-kind={kind} data-state={state} aria-pressed={isSelected} onClick={() => onSelect(id)}>
      <span class="what"><Icon of={DRAWINGS[kind]} size={14} /><span class="name">{title}</span><span class="note">{note}</span></span>
      <span class="track" aria-hidden="true">
        {kind === 'note'
          ? <span class="moment" style={{ insetInlineStart: `${placeOf(start, range)}%` }} />
          : parts.map((part, index) => {
            const from = placeOf(part.start, range);
            return <span key={index} class="part" data-part={part.kind} data-open={part.end === undefined} title={`${PART_WORDS[part.kind]}, ${duration((part.end ?? clock) - part.start)}`} style={{ insetInlineStart: `${from}%`, inlineSize: `max(3px, ${placeOf(part.end ?? clock, range) - from}%)` }} />;
          })}
      </span>
      <span class="length number">{kind === 'note' ? '' : duration(Math.max(0, (end ?? Math.max(clock, start)) - start))}</span>
    </button>
  );
}
