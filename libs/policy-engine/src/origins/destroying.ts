import type { ToolContract } from '@holdfast/contracts';
import { nounsOf, wordsOf } from './read-records.js';

/** Words in a tool's name that mean that it takes something away. */
const DESTROYING = new Set(['delete', 'remove', 'erase', 'destroy', 'purge', 'wipe', 'drop', 'cancel', 'revoke', 'terminate', 'close', 'clear', 'discard', 'trash', 'uninstall', 'unsubscribe', 'unshare', 'void', 'disable', 'deactivate', 'archive', 'reject', 'kick', 'ban', 'leave', 'reset']);
/** What may stand between the verb and what it is about, beside names of its kind and identifiers. */
const BETWEEN = new Set(['the', 'a', 'an', 'my', 'our', 'this', 'these', 'that', 'those', 'all', 'both', 'of', 'with', 'and', 'or', 'id', 'ids', 'number', 'numbers', 'no', 'nr', 'named', 'called']);
const NEGATORS = new Set(['not', 'never', 'without', 'no', 'nor', 'neither', 'instead', 'rather', 'except', 'avoid', 'stop', 'cannot', 'nicht', 'nie', 'kein', 'keine', 'keinen', 'ohne', 'ne', 'pas', 'jamais', 'sans', 'nunca', 'sin', 'non', 'mai', 'senza', 'niet', 'nooit', 'geen', 'zonder', 'não', 'nao', 'sem']);

/** Whether a tool destroys something: as its owner says, else by its name. */
export function isDestructive({ name, effect, destructive }: Pick<ToolContract, 'name' | 'effect' | 'destructive'>): boolean {
  return destructive ?? (effect !== 'read' && wordsOf(name).some((word) => DESTROYING.has(word)));
}

/**
 * Whether a folded text asks for what a tool does to just this thing: one of its verbs stands before the thing, with nothing
 * between them but words for its kind, articles and further identifiers, and no negation stands before it in the sentence. Only
 * English verbs are known, and what is put another way is not understood: then a person is asked.
 */
export function asksToDestroy(text: string, tool: string, argument: string, value: string): boolean {
  const verbs = verbsOf(tool);
  const kinds = new Set([...nounsOf(argument, tool), ...wordsOf(tool).filter((word) => !DESTROYING.has(word))]);
  return text.split(/(?<!\b(?:no|nr))[.;!?](?=\s|$)|\n/u).some((sentence) => {
    const tokens = tokensOf(sentence);
    return tokens.some(({ word }, at) => verbs.has(word) && !tokens.slice(0, at).some((before) => isNegation(before.word)) && reaches(tokens.slice(at + 1), kinds, value));
  });
}

/** A word, or something in quotation marks as a whole. */
interface Token {
  readonly word: string;
  readonly isQuoted: boolean;
}

function tokensOf(sentence: string): readonly Token[] {
  return [...sentence.matchAll(/"([^"]*)"|“([^”]*)”|[^\s,:()#"“”]+/gu)].map(([whole, plain, curly]) => ({ word: plain ?? curly ?? whole.replace(/^'|['.!?;]+$/g, ''), isQuoted: (plain ?? curly) !== undefined }));
}

function reaches(tokens: readonly Token[], kinds: ReadonlySet<string>, value: string): boolean {
  for (const { word, isQuoted } of tokens) {
    if (word === value) return true;
    const isPassed = isQuoted || /\d/.test(word) || BETWEEN.has(word) || wordsOf(word).every((part) => kinds.has(part));
    if (!isPassed) return false;
  }
  return false;
}

function isNegation(word: string): boolean {
  return NEGATORS.has(word) || /n['’]t$/.test(word);
}

/** Each destroying word of the tool's name, or its first word where its owner alone says that it destroys, with its English forms. */
function verbsOf(tool: string): ReadonlySet<string> {
  const words = wordsOf(tool);
  const destroying = words.filter((word) => DESTROYING.has(word));
  return new Set((destroying.length > 0 ? destroying : words.slice(0, 1)).flatMap((verb) => [verb, `${verb}ing`, `${verb.replace(/e$/, '')}ing`, `${verb}${verb.at(-1) ?? ''}ing`]));
}
