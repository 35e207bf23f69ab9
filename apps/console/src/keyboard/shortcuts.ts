import { useEffect, useRef } from 'preact/hooks';

export interface Shortcut {
  /** As `KeyboardEvent.key` has them: `j`, `ArrowDown`, `?`. */
  readonly keys: readonly string[];
  readonly run: () => void;
}

/** Single keys that do something on a page. They are left alone in fields, in dialogs, and together with keys that belong to the browser. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || belongsElsewhere(event)) return;
      const shortcut = latest.current.find(({ keys }) => keys.includes(event.key));
      if (shortcut === undefined) return;
      event.preventDefault();
      shortcut.run();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}

function belongsElsewhere({ target, key }: KeyboardEvent): boolean {
  if (document.querySelector('dialog[open]') !== null) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select')) return true;
  // Enter and the arrows mean something to buttons, links and choices themselves.
  return key === 'Enter' ? target.matches('button, a, summary, input') : key.startsWith('Arrow') && target.matches('input');
}
