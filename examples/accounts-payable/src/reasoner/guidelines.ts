import type { Comparison } from './comparison.js';
import { isObject, jsonObjectsIn, stringsIn } from './json-in-text.js';

/** What a guideline tells the reader to do with this invoice, with its sentence as the reason. */
export interface Directive {
  readonly action: 'escalate' | 'dispute';
  readonly sentence: string;
}

/** What decides whether a guideline's condition holds. */
export interface Situation extends Comparison {
  readonly supplierNames: readonly string[];
  readonly currency: string;
}

const escalates = /\bmust(?: always)? be escalated\b|\bshould be escalated\b|\bescalate (?:it|the|them|every|any|each|such)\b/i;
const disputes = /\b(?:must|should)(?: always)? be disputed\b|\bdispute (?:it|the|them|every|any|each|such)\b/i;
const negated = /\b(?:not|never|no|nobody|without)\b[^,;:]*\b(?:escalat|disput)/i;

/**
 * Reads guideline passages sentence by sentence and returns what applies, escalations first. It understands a sentence
 * that gives an order ("must be escalated", "dispute the invoice") about a topic that it knows: a block, the currency,
 * freight, quantity or price. A sentence that names a supplier applies to that supplier only.
 */
export function readGuidelines(result: unknown, situation: Situation): readonly Directive[] {
  const directives: Directive[] = [];
  for (const sentence of passagesIn(result).flatMap(sentencesOf)) {
    const aboutThisSupplier = situation.supplierNames.some((name) => sentence.toLowerCase().includes(name.toLowerCase()));
    if (!aboutThisSupplier && !isGeneral(sentence)) continue;
    if (aboutThisSupplier && /\bblocked\b|\bmust not be paid\b/i.test(sentence) && !/\b(?:not|no longer) blocked\b/i.test(sentence)) {
      directives.push({ action: 'escalate', sentence });
      continue;
    }
    const action = escalates.test(sentence) ? 'escalate' : disputes.test(sentence) ? 'dispute' : undefined;
    if (action !== undefined && !negated.test(sentence) && conditionHolds(sentence, situation, aboutThisSupplier)) directives.push({ action, sentence });
  }
  return directives.sort((left, right) => Number(right.action === 'escalate') - Number(left.action === 'escalate'));
}

function conditionHolds(sentence: string, situation: Situation, aboutThisSupplier: boolean): boolean {
  if (/\bcurrenc(?:y|ies)\b/i.test(sentence)) {
    const home = /\bother than (?:the )?([A-Z]{3})\b/.exec(sentence)?.[1] ?? 'EUR';
    return situation.currency !== home;
  }
  if (/\bfreight\b/i.test(sentence)) return situation.freightLine;
  const [quantity, price] = [/\bquantit/i.test(sentence), /\bprices?\b/i.test(sentence)];
  if (quantity || price) return (quantity && situation.quantityDiffers) || (price && situation.priceDiffers);
  // An order without any condition ("invoices from this supplier must be escalated") holds for the supplier it names.
  return aboutThisSupplier && !/\b(?:if|when|where|whose|unless|until)\b/i.test(sentence);
}

/** The passages' texts: the strings under a member that holds text, or else every string. */
function passagesIn(result: unknown): readonly string[] {
  const value = typeof result === 'string' && jsonObjectsIn(result).length > 0 ? jsonObjectsIn(result) : result;
  const texts: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (isObject(node)) {
      const text = node['text'] ?? node['content'] ?? node['passage'];
      if (typeof text === 'string') texts.push(text);
      else Object.values(node).forEach(visit);
    }
  };
  visit(value);
  return texts.length > 0 ? texts : stringsIn(value);
}

function sentencesOf(passage: string): readonly string[] {
  const prose = passage.replace(/^---\n[\s\S]*?\n---\n/, '').replace(/^#.*$/gm, '').replace(/\s+/g, ' ');
  return prose.split(/(?<=[.!?])\s+/).map((sentence) => sentence.trim()).filter((sentence) => sentence !== '');
}

/** A general rule speaks of any or every invoice and names nobody: no capitalised word after its first, codes apart. */
function isGeneral(sentence: string): boolean {
  if (!/\b(?:any|every|each|all|an?)\b/i.test(sentence)) return false;
  const names = sentence.split(/\s+/).slice(1).filter((word) => /^[A-Z][a-z]/.test(word) && !/^(?:Any|Every|Each|All|An?|If|The)\b/.test(word));
  return names.length === 0;
}
