import { CircleHelp, MessageCircleQuestion, ShieldAlert } from 'lucide';
import { useEffect, useRef } from 'preact/hooks';
import { Icon, type IconNode } from '../elements/icon.js';
import { Ago } from '../elements/time.js';
import type { Matter } from './matters.js';

const KINDS: Readonly<Record<Matter['kind'], { readonly icon: IconNode; readonly word: string }>> = {
  approval: { icon: ShieldAlert, word: 'Approval' },
  doubt: { icon: CircleHelp, word: 'In doubt' },
  question: { icon: MessageCircleQuestion, word: 'Question' },
};

/** What a person is asked about, in a few words. */
export function titleOf(matter: Matter): string {
  switch (matter.kind) {
    case 'approval': return `May ${matter.agent} call ${matter.approval.tool}?`;
    case 'doubt': return `Did ${matter.doubt.tool} happen?`;
    case 'question': return `${matter.agent} asks`;
  }
}

export interface MatterListProps {
  readonly matters: readonly Matter[];
  readonly chosen: string | undefined;
  readonly addressOf: (id: string) => string;
}

export function MatterList({ matters, chosen, addressOf }: MatterListProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' }), [chosen]);
  return (
    <ul class="matters" ref={list} aria-label="What waits for a person">
      {matters.map((matter) => (
        <li key={matter.id}>
          <a href={addressOf(matter.id)} aria-current={matter.id === chosen ? 'true' : undefined}>
            <span class="kind" data-kind={matter.kind}><Icon of={KINDS[matter.kind].icon} size={16} />{KINDS[matter.kind].word}</span>
            <Ago at={matter.since} />
            <strong>{titleOf(matter)}</strong>
            <span class="quiet line">{matter.kind === 'question' ? matter.question.text : matter.goal}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
