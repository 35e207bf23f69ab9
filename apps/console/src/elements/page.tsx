import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ChevronLeft } from 'lucide';
import { Icon } from './icon.js';

let isFirst = true;

export interface PageProps {
  readonly title: string;
  /** What stands beside the title: a status, a number. */
  readonly aside?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** The page that this one is a part of. */
  readonly up?: { readonly href: string; readonly label: string };
  /** The page fills the window and scrolls within, as long lists do. */
  readonly isFilling?: boolean;
  readonly children: ComponentChildren;
}

/** A page with its one heading. Whoever comes here from another page has the heading in focus, so that readers say where they are. */
export function Page({ title, aside, actions, up, isFilling = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { document.title = `${title} · Holdfast`; }, [title]);
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return (
    <div class={isFilling ? 'page filling' : 'page'}>
      <header class="page-head">
        {up === undefined ? null : <a class="up" href={up.href}><Icon of={ChevronLeft} size={16} />{up.label}</a>}
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {aside}
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
