import type { Chance } from './chance.ts';
import { BEGINNING, type Moment, type Timeline } from './timeline.ts';

type Callback = (...args: unknown[]) => void;

/** A virtual timer, with what callers expect of Node's. */
class VirtualTimer {
  readonly moment: Moment;

  constructor(moment: Moment) {
    this.moment = moment;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/**
 * Puts virtual time and seeded chance in the place of this thread's own, for as long as one schedule runs. Whoever sets
 * a timer is whose moment it is, so the timers of a killed process never fire. Returns how to put everything back.
 */
export function installVirtualGlobals(timeline: Timeline, chance: Chance): () => void {
  const set = (callback: Callback, delayMs: number | undefined, args: unknown[], every?: number): VirtualTimer =>
    new VirtualTimer(timeline.after(Math.max(1, delayMs ?? 1), timeline.current, () => callback(...args), every));
  const clear = (timer: unknown): void => {
    if (timer instanceof VirtualTimer) timer.moment.cancelled = true;
  };
  const replaced = [
    replace(globalThis, 'setTimeout', (callback: Callback, delayMs?: number, ...args: unknown[]) => set(callback, delayMs, args)),
    replace(globalThis, 'setInterval', (callback: Callback, delayMs?: number, ...args: unknown[]) => set(callback, delayMs, args, Math.max(1, delayMs ?? 1))),
    replace(globalThis, 'clearTimeout', clear),
    replace(globalThis, 'clearInterval', clear),
    replace(Date, 'now', () => Math.floor(timeline.now)),
    replace(performance, 'now', () => timeline.now - BEGINNING),
    replace(Math, 'random', () => chance.next()),
    replace(globalThis.crypto, 'randomUUID', () => uuidOf(chance)),
    replace(AbortSignal, 'timeout', (delayMs: number) => {
      const controller = new AbortController();
      timeline.after(delayMs, timeline.current, () => controller.abort(new DOMException('The operation timed out.', 'TimeoutError')));
      return controller.signal;
    }),
  ];
  return () => replaced.forEach((restore) => restore());
}

function uuidOf(chance: Chance): string {
  const digits = (count: number): string => Array.from({ length: count }, () => chance.below(16).toString(16)).join('');
  return `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`;
}

function replace(target: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, own);
  };
}
