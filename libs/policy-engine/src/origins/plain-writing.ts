import { decodedTextsIn } from './encoded-text.js';

/** A piece of a text that is not plain writing, such as an address, a code, or letters that hide what they say. */
export interface Telling {
  readonly kind: 'address' | 'code' | 'hidden characters' | 'look-alike letters' | 'letters written apart' | 'words that spell' | 'encoded text';
  /** The piece as it is written. */
  readonly value: string;
}

const MOST = 16;
const LONGEST = 120;

/** Letters of the Latin alphabets that living languages are written in; others, such as those of phonetics, look like these. */
const EVERYDAY_LATIN = /^[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]$/u;
/** Cyrillic, Greek and Armenian letters that look like Latin ones (after Unicode Technical Standard 39). */
const LOOKALIKE = /^[аеорсухіјѕһԁԛԝвнкмтАВЕКМНОРСТУХІЈЅԌαοικνρτυχγωΑΒΕΖΗΙΚΜΝΟΡΤΥΧսոօգհ]+$/u;
const ENDINGS = new Set(['txt', 'md', 'pdf', 'doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'csv', 'json', 'xml', 'yaml', 'yml', 'html', 'png', 'jpg', 'jpeg', 'gif', 'svg', 'zip', 'tar', 'gz', 'js', 'ts', 'py', 'java', 'go', 'rs', 'c', 'h', 'cpp', 'sh', 'sql', 'log', 'mp3', 'mp4', 'wav', 'odt', 'ods', 'rtf', 'ics', 'eml']);

const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Co}\p{Cn}\u2800\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u;
/** A joiner has a use in the scripts of India, Persia and Arabia and within emoji, and a variation selector after one. */
const JOINED = /(?:[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Mongolian}][\u200c\u200d]|[\p{Extended_Pictographic}\u20e3\p{Emoji_Modifier}][\ufe0f\u200d]+|[0-9#*]\ufe0f|\ufeff(?=^))/gu;
const TIMES = /\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|\d{1,2}[:.]\d{2}(?::\d{2})?(?!\d)/g;
const SPELLED = /[([{]\s*(?:at|dot|punkt|arroba|punto|point)\s*[)\]}]|(?<!\p{L})\p{L}+\s+(?:dot|punkt)\s+\p{L}{2,}(?!\p{L})/iu;
const NUMBER_WORDS = /(?:\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|double|null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|alpha|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|quebec|romeo|sierra|tango|uniform|victor|whiskey|x-?ray|yankee|zulu)\b[\s,;.:()-]*){6,}/iu;

/**
 * Every piece of a text that is not plain writing: words of one alphabet that living languages use, short numbers, dates and times, names of files,
 * and ordinary punctuation. An allow list, since the ways of writing an address past a reader have no end. What is found has to come
 * from somewhere; words of a language are not judged, so directions in plain words pass ("call the number on my site").
 */
export function tellingIn(text: string): readonly Telling[] {
  const found = new Map<string, Telling>();
  const add = (kind: Telling['kind'], value: string): void => {
    if (found.size < MOST) found.set(`${kind} ${value}`, { kind, value: value.slice(0, LONGEST) });
  };
  const plain = text.normalize('NFC');
  for (const word of plain.replace(JOINED, '').split(/\s+/u)) if (INVISIBLE.test(word)) add('hidden characters', word);
  const hasLatin = /\p{Script=Latin}/u.test(plain);
  let short: string[] = [];
  for (const written of plain.split(/[\s\u3000]+/u)) {
    const token = written.replace(/^[\p{P}\p{S}]+|[\p{P}\p{S}]+$/gu, (marks) => marks.replace(/[^@#+/\\&%]/gu, ''));
    if (token === '') continue;
    const letters = token.match(/[\p{L}\p{M}]+/gu) ?? [];
    if (letters.some((run) => isLookalike(run, hasLatin))) add('look-alike letters', token);
    else if (isAddress(token)) add('address', token);
    else if (isCode(token)) add('code', token);
    const bare = token.replace(/[^\p{L}\p{N}]/gu, '');
    // Ideographs are words of one letter.
    if (bare.length <= 2 && !/\p{Ideographic}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u.test(bare)) short.push(token);
    else short = [];
    if (short.length === 9) add('letters written apart', short.join(' '));
  }
  const apart = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}]{1,2}[^\p{L}\p{N}\s]{1,12}){7,}[\p{L}\p{N}]/u.exec(plain)?.[0];
  if (apart !== undefined && !/^[\d.,:/-]+$/.test(apart)) add('letters written apart', apart);
  for (const pattern of [SPELLED, NUMBER_WORDS]) {
    const spelled = pattern.exec(plain)?.[0];
    if (spelled !== undefined) add('words that spell', spelled);
  }
  const numbers = plain.replace(TIMES, '·').match(/(?<![\p{L}\p{N}])\+?\(?\d[\d\s()./-]{7,}\d(?![\p{L}\p{N}])/gu) ?? [];
  for (const number of numbers) if (number.replace(/\D/g, '').length >= 8 ) add('code', number);
  const [decoded] = decodedTextsIn(plain);
  if (decoded !== undefined) add('encoded text', decoded);
  return [...found.values()];
}

function isLookalike(letters: string, hasLatin: boolean): boolean {
  const latin = /\p{Script=Latin}/u.test(letters);
  const other = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(letters);
  if (latin && other) return true;
  if (latin) return [...letters].some((letter) => /\p{Script=Latin}/u.test(letter) && !EVERYDAY_LATIN.test(letter)) || /\p{M}{3,}/u.test(letters);
  return hasLatin && letters.length >= 4 && LOOKALIKE.test(letters);
}

/** Something that leads somewhere: a host, an address, a handle, or a way of writing one that programs undo. */
function isAddress(token: string): boolean {
  if (/^@[\p{L}\p{N}_.-]{2,}$|[\p{L}\p{N}]@[\p{L}\p{N}]|:\/\/|:\\\\|\]\(|^\/\/|&#|\\[ux][0-9a-f]{2}|%[0-9a-f]{2}/iu.test(token)) return true;
  if (/^\d{1,3}(?:\.\d{1,3}){3}(?:[:/].*)?$/.test(token)) return true;
  const host = /^(?:[\p{L}\p{N}-]+\.)+(\p{L}{2,})(?:[:/?].*)?$/u.exec(token);
  return host?.[1] !== undefined && !ENDINGS.has(host[1].toLowerCase()) && !/^(?:\p{L}\.)+\p{L}{1,2}$/u.test(token);
}

/** Something that no language writes so: an account, a wallet, an encoded text. */
function isCode(token: string): boolean {
  const bare = token.replace(/[^\p{L}\p{N}+/=]/gu, '');
  if (isTime(token) || /^(?:[\p{L}\p{N}_-]+)\.(\p{L}{1,4}\d?)$/u.test(token)) return false;
  const digits = bare.replace(/\D/g, '').length;
  if (digits >= 9) return true;
  if (bare.length >= 10 && digits >= 3 && /\p{L}/u.test(bare) && !/^\p{L}+-?\d+$/u.test(bare)) return true;
  if (bare.length >= 16 && /^[A-Za-z0-9+/=]+$/.test(bare) && (bare.match(/[a-z][A-Z]/g) ?? []).length >= 2) return true;
  return bare.length >= 16 && /^[A-Z2-7]+=*$/.test(bare) && digits > 0 ? true : /^\p{L}{41,}$/u.test(bare) && /\p{Script=Latin}/u.test(bare);
}

function isTime(text: string): boolean {
  return /^\s*(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})?[T\s]*(?:\d{1,2}:\d{2}(?::\d{2})?(?:\s*-\s*\d{1,2}:\d{2})?)?Z?\s*$/i.test(text) || /^\d{4}(?:\s*[-/]\s*\d{4})$/.test(text.trim());
}
