import { useInbox } from './use-inbox.js';

/** How much waits for a person, beside the link to it. */
export function InboxBadge() {
  const { data } = useInbox();
  const count = data?.matters.length ?? 0;
  return count === 0 ? null : <span class="badge count"><span aria-hidden="true">{count > 99 ? '99+' : count}</span><span class="unseen">{count} waiting</span></span>;
}
