import { tellingIn } from '../origins/plain-writing.js';
import { hostOf, sinksIn, type ContentSink } from '../origins/sinks-in-content.js';

/** The same text with every address and code in it shortened to what people recognise and nobody can use. */
export function withoutSinks(text: string): string {
  let shortened = text;
  for (const sink of sinksIn(text)) shortened = shortened.replace(writingOf(sink), () => shortForm(sink));
  for (const { value } of tellingIn(shortened)) shortened = shortened.replaceAll(value, () => `${value.slice(0, 2)}…`);
  // What hides in an encoding, or is cut in the middle, is left out altogether.
  return sinksIn(shortened).length === 0 && tellingIn(shortened).length === 0 ? shortened : '(text with an address that is not repeated here)';
}

function writingOf({ kind, value }: ContentSink): RegExp {
  const characters = [...value].map((character) => character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&'));
  return new RegExp(characters.join(kind === 'bank account' ? '[^\\p{L}\\p{N}]*' : ''), 'giu');
}

function shortForm({ kind, value }: ContentSink): string {
  if (kind === 'bank account') return `${value.slice(0, 4)}…${value.slice(-4)}`;
  const host = hostOf(value) ?? value.split('/', 1)[0] ?? '';
  return `(${kind} at ${host.slice(0, 1)}…${host.slice(-1)})`;
}
