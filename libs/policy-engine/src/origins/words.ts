const wordCharacter = /[\p{L}\p{N}\p{M}]/u;
const joinsBefore = /[-_.@/+&%#~\\]/;
const joinsAfter = /[-_.@/+&%#~\\:=?]/;

/**
 * True when the folded text holds the folded words as whole words: `po-7041` is in "invoice for po-7041.", but `7041` is
 * not, and `a@b.example` is not in "a@b.example.evil.example". Half of a token is another value, so it proves nothing.
 */
export function holdsWords(text: string, words: string): boolean {
  return occurrences(text, words, 1).length > 0;
}

/** Where the folded text holds the folded words as whole words; at most so many places. */
export function occurrences(text: string, words: string, most = 100): readonly number[] {
  const found: number[] = [];
  if (words === '') return found;
  for (let at = text.indexOf(words); at >= 0 && found.length < most; at = text.indexOf(words, at + 1)) {
    if (endsBefore(text, at) && startsAfter(text, at + words.length)) found.push(at);
  }
  return found;
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && wordCharacter.test(character);
}

function endsBefore(text: string, at: number): boolean {
  const previous = [...text.slice(Math.max(0, at - 4), at)];
  const last = previous.at(-1);
  if (isWord(last)) return false;
  return !(last !== undefined && joinsBefore.test(last) && isWord(previous.at(-2)));
}

function startsAfter(text: string, at: number): boolean {
  const [next, afterNext] = [...text.slice(at, at + 4)];
  if (isWord(next)) return false;
  return !(next !== undefined && joinsAfter.test(next) && isWord(afterNext));
}
