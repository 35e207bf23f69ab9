/**
 * Cuts a text that comes in pieces into its lines, without empty ones, each of at most `longest` characters: a line without an end
 * takes no memory. Returns how to give a piece, and how to say that there are no more.
 */
export function textLines(longest: number, take: (line: string) => void): { readonly write: (text: string) => void; readonly end: () => void } {
  let rest = '';
  const tell = (line: string): void => {
    const cut = line.trimEnd().slice(0, longest);
    if (cut !== '') take(cut);
  };
  return {
    write: (text) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(0, longest);
      lines.forEach(tell);
    },
    end: () => {
      tell(rest);
      rest = '';
    },
  };
}
