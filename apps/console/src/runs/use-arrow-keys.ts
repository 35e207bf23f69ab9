import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

/** Frames that a row may need until it is drawn. */
const FRAMES = 10;

/**
 * Arrow keys (and `j` and `k`) move the focus among rows of a list of which only some are drawn. Each row has `data-index`, and a link
 * or button that takes the focus. `show` scrolls to a row. Keys that come faster than rows are drawn count from the row that was
 * asked for, so that Enter never opens one that was only passed.
 */
export function useArrowKeys(scroller: RefObject<HTMLElement | null>, count: number, show: (index: number) => void): (event: KeyboardEvent) => void {
  /** The row that is to have the focus as soon as it is drawn, and whether it is to be opened then. */
  const pending = useRef<{ readonly index: number; isToOpen: boolean } | undefined>(undefined);

  const arrive = (wanted: NonNullable<typeof pending.current>, frames: number): void => {
    if (pending.current !== wanted) return;
    const next = scroller.current?.querySelector<HTMLElement>(`[data-index="${wanted.index}"] :is(a, button)`);
    if (next === undefined || next === null) {
      if (frames > 0) requestAnimationFrame(() => arrive(wanted, frames - 1));
      else pending.current = undefined;
      return;
    }
    pending.current = undefined;
    next.focus();
    if (wanted.isToOpen) next.click();
  };

  return (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
    if (event.ctrlKey || event.metaKey || event.altKey || row === null) return;
    if (event.key === 'Enter' && pending.current !== undefined) {
      event.preventDefault();
      pending.current.isToOpen = true;
      return;
    }
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = Math.min(Math.max((pending.current?.index ?? Number(row.dataset['index'])) + step, 0), count - 1);
    show(index);
    const wanted = { index, isToOpen: false };
    pending.current = wanted;
    arrive(wanted, FRAMES);
  };
}
