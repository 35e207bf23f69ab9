import { useLocation } from 'preact-iso';
import { useRef, useState } from 'preact/hooks';
import { Page } from '../elements/page.js';
import { ProblemNote } from '../elements/problem-note.js';
import { ShortcutHelp } from '../keyboard/shortcut-help.js';
import { useShortcuts } from '../keyboard/shortcuts.js';
import { MatterList } from './matter-list.js';
import { MatterPane } from './matter-pane.js';
import { neighbour, type Matter } from './matters.js';
import { useInbox } from './use-inbox.js';

const INBOX = '/console/inbox';
const addressOf = (id: string): string => `${INBOX}?matter=${encodeURIComponent(id)}`;

const HELP = [
  ['j, ↓', 'the next matter'], ['k, ↑', 'the one before'], ['a', 'approve, or answer a question'], ['r', 'reject'], ['e', 'edit'], ['v', 'vouch for values'],
  ['y', 'of an operation in doubt: it happened'], ['n', 'it did not'], ['t', 'it did not, try again'], ['Enter', 'send the answer'], ['Esc', 'back'], ['?', 'this help'],
] as const;

/** Everything that waits for a person, and the one that is looked at. */
export function InboxPage() {
  const { query, route } = useLocation();
  const inbox = useInbox();
  const [hasHelp, setHelp] = useState(false);
  const matters = inbox.data?.matters ?? [];
  const wanted = query['matter'];
  // Nothing is chosen by itself once somebody has looked at something, or it would change under their hands.
  const held = useRef<Matter | undefined>(undefined);
  const listed = wanted === undefined ? held.current ?? matters[0] : matters.find(({ id }) => id === wanted);
  if (listed !== undefined) held.current = listed;
  const chosen = wanted === undefined || held.current?.id === wanted ? held.current : undefined;
  const isWaiting = matters.some(({ id }) => id === chosen?.id);
  const step = (by: 1 | -1): void => {
    const next = neighbour(matters, chosen?.id, by);
    if (next !== undefined) route(addressOf(next.id), true);
  };
  useShortcuts([
    { keys: ['j', 'ArrowDown'], run: () => step(1) },
    { keys: ['k', 'ArrowUp'], run: () => step(-1) },
    { keys: ['?'], run: () => setHelp(true) },
  ]);
  return (
    <Page title="Inbox" isFilling aside={inbox.data === undefined ? null : <span class="quiet">{countOf(matters.length, inbox.data.more)}</span>} actions={<button type="button" class="outline small keys-button" onClick={() => setHelp(true)}>Keys<kbd aria-hidden="true">?</kbd></button>}>
      {inbox.problem === undefined ? null : <ProblemNote problem={inbox.problem} onRetry={inbox.reload} />}
      {inbox.data === undefined
        ? (inbox.problem === undefined ? <p class="quiet" aria-busy="true">Reading what waits…</p> : null)
        : matters.length === 0 && chosen === undefined
          ? <div class="empty"><p>Nothing waits for you.</p><p>Calls that need a person, operations in doubt and questions of agents come here by themselves.</p></div>
          : (
              <div class="inbox" data-open={wanted !== undefined}>
                <MatterList matters={matters} chosen={chosen?.id} addressOf={addressOf} />
                <div class="pane">
                  <a class="back" href={INBOX}>All that waits</a>
                  {chosen === undefined ? <p class="quiet">This does not wait any more.</p> : <MatterPane key={chosen.id} matter={chosen} isWaiting={isWaiting} onAnswered={inbox.reload} />}
                </div>
              </div>
            )}
      {hasHelp ? <ShortcutHelp keys={HELP} onClose={() => setHelp(false)} /> : null}
    </Page>
  );
}

function countOf(count: number, more: boolean): string {
  return `${count}${more ? ' or more' : ''} waiting`;
}
