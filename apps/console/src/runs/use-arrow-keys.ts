import type { RefObject } from 'preact';

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

/**
 * Arrow keys (and `j` and `k`) move the focus among rows of a list of which only some are drawn. Each row has `data-index`, and a link
 * or button that takes the focus. `show` scrolls to a row.
 */
export function useArrowKeys(scroller: RefObject<HTMLElement | null>, count: number, show: (index: number) => void): (event: KeyboardEvent) => void {
  return (event) => {
    const step = STEPS[event.key];
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || row === null) return;
    event.preventDefault();
    const index = Math.min(Math.max(Number(row.dataset['index']) + step, 0), count - 1);
    show(index);
    // The row may have to be drawn first.
    const focus = (tries: number): void => {
      const next = scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] :is(a, button)`);
      if (next !== undefined && next !== null) next.focus();
      else if (tries > 0) requestAnimationFrame(() => focus(tries - 1));
    };
    requestAnimationFrame(() => focus(10));
  };
}
