import { signal } from '@preact/signals';
import { ago } from './durations.js';

/** The wall clock to the second, for everything that says how long ago something was. */
const now = signal(Date.now());
setInterval(() => { if (!document.hidden) now.value = Date.now(); }, 1_000);

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** An instant as people say it, with the exact one on pointing. */
export function Ago({ at }: { readonly at: number }) {
  return <time dateTime={new Date(at).toISOString()} title={exact.format(at)}>{ago(now.value - at)}</time>;
}

export function exactTime(at: number): string {
  return exact.format(at);
}

export { now };
