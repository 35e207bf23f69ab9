const wordCharacter = /[\p{L}\p{N}\p{M}]/u;
/** Letters beyond the first plane are left out, so that cutting a text between the halves of one changes no other word. */
const words = /[[\p{L}\p{N}\p{M}]--[\u{10000}-\u{10ffff}]]+/gv;
const joinsBefore = /[-_.@/+&%#~\\]/;
const joinsAfter = /[-_.@/+&%#~\\:=?]/;
/** Beside an address even these belong to it: `o'neil@x.example` is nobody called neil, and `/a,b` is another page than `/a`. */
const joinsAddress = /[-_.@/+&%#~\\:=?',;!$*^{|}]/;

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
    const isAddress = /[@/]/.test(words);
    if (endsBefore(text, at, isAddress) && startsAfter(text, at + words.length, isAddress)) found.push(at);
  }
  return found;
}

/** The words of a folded text. A text that holds words as {@link holdsWords} understands it has each of these words among its own. */
export function wordsIn(text: string): readonly string[] {
  return text.match(words) ?? [];
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && wordCharacter.test(character);
}

function endsBefore(text: string, at: number, isAddress: boolean): boolean {
  const previous = [...text.slice(Math.max(0, at - 4), at)];
  const last = previous.at(-1);
  if (isWord(last)) return false;
  return !(last !== undefined && (isAddress ? joinsAddress : joinsBefore).test(last) && isWord(previous.at(-2)));
}

function startsAfter(text: string, at: number, isAddress: boolean): boolean {
  const [next, afterNext] = [...text.slice(at, at + 4)];
  if (isWord(next)) return false;
  return !(next !== undefined && (isAddress ? joinsAddress : joinsAfter).test(next) && isWord(afterNext));
}
