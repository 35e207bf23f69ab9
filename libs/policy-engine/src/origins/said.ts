import { fold } from './normalise.js';
import { occurrences } from './words.js';

/** What a value is asked for as. */
export interface SaidAs {
  /** The name of the argument, such as `recipient`. */
  readonly argument: string;
  /** What the argument calls the thing. */
  readonly nouns: readonly string[];
}

const NEGATION = /(?:\b(?:not|never|without|except|excluding|cannot|nor|neither|nobody|avoid|instead of|rather than|other than|but no|nicht|nie|kein\w*|ohne|ausser|außer|pas|jamais|sans|sauf|nunca|jamás|sin|excepto|non|mai|senza|tranne|niet|nooit|geen|zonder|behalve|não|sem|exceto)\b|n['’]t\b)[^]*$/iu;
/** What ends a clause, as far as a negation reaches. */
const CLAUSE = /[.;!?](?=\s|$)|,(?=\s)|\b(?:but|and then|then|aber|mais|pero|ma|maar|mas)\b/giu;
const OPENING = /["'“‘„«`([]$/u;
const CLOSING = /^["'”’“»`)\]]/u;
/** Words after which somebody, or something, is named. */
const NAMING = ['to', 'with', 'into', 'onto', 'user', 'person', 'colleague', 'friend', 'named', 'called', 'channel', 'group', 'team', 'room', 'folder', 'list', 'account', 'contact', 'customer', 'supplier', 'hotel', 'restaurant'];
const ARTICLES = String.raw`(?:(?:the|my|our|your|this|that|mr|mrs|ms|dr)\.?\s+)?`;
/** Words that name nothing, wherever they stand. */
const EMPTY = new Set(['the', 'and', 'that', 'this', 'them', 'they', 'with', 'from', 'what', 'when', 'where', 'which', 'please', 'thanks', 'thank', 'you', 'your', 'all', 'any', 'each', 'everyone', 'everybody', 'someone', 'here', 'there', 'now', 'then', 'also', 'me', 'my', 'our', 'us', 'it', 'him', 'her', 'his', 'one', 'do', 'make', 'send', 'get', 'can', 'could', 'would', 'should', 'will', 'yes', 'no', 'ok']);
const CREDENTIAL = /pass(?:word|code|phrase|wd)?|secret|token|\bpin\b|credential/i;
const SAYS_CREDENTIAL = /(?:password|passcode|passphrase|secret|token|pin|code)(?:\s+(?:to|as|is|be|should be|of))*\s*[:=]?\s*$/i;
const SOURCE = /^(?:from|source|sender|payer|debtor|origin)/i;
const DESTINATION = /^(?:to|recipient|recipients|destination|target|payee|receiver|creditor)/i;

/**
 * Whether a requester's text says a value as what an argument takes it for. A text that is nothing but the value does. In a sentence a value
 * with a form of its own (digits, an address, several words) has to stand where nothing negates it; an ordinary word has to be named: in quotation
 * marks, with a capital within the sentence, or beside a word by which somebody or something is named. A credential has to be
 * quoted or said to be one. What follows "from" is no destination, and what follows "to" no source. Whatever is put otherwise is not
 * understood, and a person confirms the value.
 */
export function saysAs(text: string, value: string, { argument, nouns }: SaidAs): boolean {
  const cased = text.normalize('NFKC').replace(/\s+/gu, ' ').trim();
  const folded = fold(text);
  const sought = fold(value);
  if (sought === '') return false;
  if (folded === sought) return true;
  return occurrences(folded, sought).some((at) => {
    const before = folded.slice(0, at);
    const after = folded.slice(at + sought.length);
    if (isNegated(before) || isOpposite(argument, before)) return false;
    const isQuoted = OPENING.test(before) && CLOSING.test(after);
    if (CREDENTIAL.test(argument)) return isQuoted || SAYS_CREDENTIAL.test(before);
    if (isQuoted || isTelling(sought)) return true;
    if (EMPTY.has(sought)) return false;
    return isCapital(cased, folded, at) || isNamed(before, after, nouns);
  });
}

function isNegated(before: string): boolean {
  const clause = before.split(CLAUSE).at(-1) ?? before;
  return NEGATION.test(clause);
}

function isOpposite(argument: string, before: string): boolean {
  const said = /\b(from|to|into)\s+(?:(?:the|my|our|account|iban|acct|no|number)\.?:?\s+)*["'“‘(]?$/.exec(before)?.[1];
  return said !== undefined && ((said === 'from' && DESTINATION.test(argument)) || (said !== 'from' && SOURCE.test(argument)));
}

/** A value that no sentence holds by chance. */
function isTelling(folded: string): boolean {
  return /[\p{N}@/._#:\\-]/u.test(folded) || /\s/u.test(folded) || folded.length >= 12 || /[^\p{Script=Latin}]/u.test(folded);
}

function isCapital(cased: string, folded: string, at: number): boolean {
  // Where lower case has another length, the places of the two texts differ.
  if (cased.length !== folded.length || !/\p{Lu}/u.test(cased.charAt(at))) return false;
  return /[\p{L}\p{N},:]["'“‘(]?\s$/u.test(cased.slice(0, at)) || /@$/.test(cased.slice(0, at));
}

function isNamed(before: string, after: string, nouns: readonly string[]): boolean {
  const kinds = [...NAMING, ...nouns.filter((noun) => /^[\p{L}\p{N}]+$/u.test(noun))].join('|');
  return new RegExp(String.raw`(?:\b(?:${kinds})s?:?\s+${ARTICLES}|[@#])$`, 'u').test(before) || new RegExp(String.raw`^\s+(?:${kinds})s?\b`, 'u').test(after);
}

const CURRENCY_BEFORE = /(?:[€$£¥]|\b(?:eur|usd|gbp|chf|jpy))\s?$/iu;
const CURRENCY_AFTER = /^\s?(?:[€$£¥%]|(?:eur|usd|gbp|chf|jpy|euros?|dollars?|pounds?|francs?|yen|bucks|cents?)\b)/iu;
const INTRODUCES_AMOUNT = /\b(?:amount|sum|total|price|rent|fee|bill|budget|limit|pay|paid|payment|send|transfer|refund|increase|decrease|raise|reduce|set|be|of|for|by|to|at|exactly|only|another|more|than)\W+(?:\p{L}+\W+){0,2}$/iu;
const numeral = /(?<![\p{L}\p{N}\-_/]|[.,]\p{N}*|\p{N}[.,' ])\d+(?:[.,' ]\d{3})*(?:[.,]\d{1,2})?(?![\p{L}\p{N}]|[-_/.,:]\p{N})/gu;

/**
 * Whether a text states a number as an amount: next to a currency, or after a word that introduces one. A year, or the number of a
 * house, states no amount. `isIt` says whether a numeral as it is written, alone or with its currency, is the number.
 */
export function saysAmount(text: string, isIt: (written: string) => boolean): boolean {
  const plain = text.normalize('NFKC').replace(/\s+/gu, ' ').trim();
  return [...plain.matchAll(numeral)].some(({ 0: written, index }) => {
    const [before, after] = [plain.slice(0, index), plain.slice(index + written.length)];
    const money = `${CURRENCY_BEFORE.exec(before)?.[0] ?? ''}${written}${CURRENCY_AFTER.exec(after)?.[0] ?? ''}`;
    if (!isIt(money) || isNegated(before)) return false;
    if (money !== written || plain === written) return true;
    return !/^(?:19|20)\d\d$/.test(written) && INTRODUCES_AMOUNT.test(before) && !/^\s+\p{Lu}/u.test(after);
  });
}
