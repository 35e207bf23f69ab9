import { hostOf, sinksIn, type ContentSink } from '../origins/sinks-in-content.js';

/** The same text with every address in it shortened to what people recognise and nobody can use. */
export function withoutSinks(text: string): string {
  let shortened = text;
  for (const sink of sinksIn(text)) shortened = shortened.replace(writingOf(sink), () => shortForm(sink));
  // What hides in an encoding, or is cut in the middle, is left out altogether.
  return sinksIn(shortened).length === 0 ? shortened : '(text with an address that is not repeated here)';
}

function writingOf({ kind, value }: ContentSink): RegExp {
  const characters = [...value].map((character) => character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&'));
  return new RegExp(characters.join(kind === 'bank account' ? '[^\\p{L}\\p{N}]*' : ''), 'giu');
}

function shortForm({ kind, value }: ContentSink): string {
  if (kind === 'bank account') return `${value.slice(0, 4)}…${value.slice(-4)}`;
  return `(${kind} at ${hostOf(value) ?? value.split('/', 1)[0] ?? ''})`;
}
