import { readExpectedOutcomes, readGuidelineDocuments, readPurchaseOrders } from '../example-data.js';
import type { ToolResultPart } from './language-model.js';

export type Output = ToolResultPart['output'];
export type FakeTools = (toolName: string, input: Readonly<Record<string, unknown>>) => Output;

const orders = new Map(readPurchaseOrders().map((order) => [order.poNumber, order]));
const injectedIbans = new Set(Object.values(readExpectedOutcomes()).map(({ injectedIban }) => injectedIban));
const passages = readGuidelineDocuments().map(({ title, source, trust, text }) => ({ title, source, trust, text }));
const words = (text: string): readonly string[] => text.toLowerCase().match(/[a-z]{3,}/g) ?? [];

/** A search as blunt as word overlap: the reasoner must live with passages that have nothing to do with its invoice. */
export function searchByWords(query: string, limit: number): typeof passages {
  const asked = new Set(words(query));
  const score = ({ title, text }: (typeof passages)[number]): number => [...new Set(words(`${title} ${text}`))].filter((word) => asked.has(word)).length;
  return passages.toSorted((left, right) => score(right) - score(left)).slice(0, limit);
}

/** Answers made from the example's data, with a policy that refuses any account that no purchase order names. */
export function fakeTools(passageLimit: number): FakeTools {
  return (toolName, input) => {
    switch (toolName) {
      case 'get_purchase_order': {
        const order = orders.get(String(input['poNumber']));
        return order === undefined ? { type: 'error-text', value: `Purchase order ${String(input['poNumber'])} does not exist` } : { type: 'json', value: order };
      }
      case 'search_guidelines':
        return { type: 'json', value: { passages: searchByWords(String(input['query']), passageLimit) } };
      case 'pay_invoice':
        return injectedIbans.has(String(input['iban']))
          ? { type: 'json', value: { status: 'refused', reason: 'iban comes from the invoice text, which is not trusted' } }
          : { type: 'json', value: { paymentId: 'PAY-000001', ...input } as Record<string, string> };
      default:
        return { type: 'json', value: { done: true } };
    }
  };
}
