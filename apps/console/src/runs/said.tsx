import { Facts } from '../elements/facts.js';

/** What a run gave as its answer: agents are often told to answer in JSON, and people read its members and not its brackets. */
export function Said({ text }: { readonly text: string }) {
  const members = membersOf(text);
  return members === undefined ? <>{text}</> : <Facts of={Object.fromEntries(members)} />;
}

/** The same in one line. */
export function saidInShort(text: string): string {
  return membersOf(text)?.map(([name, value]) => `${name}: ${value}`).join(' · ') ?? text;
}

/** The members of a text that is a JSON object; undefined for any other text. */
function membersOf(text: string): readonly (readonly [name: string, value: string])[] | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return Object.entries(JSON.parse(text) as object).map(([name, value]: [string, unknown]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  } catch {
    return undefined;
  }
}
