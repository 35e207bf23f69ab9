import { describe, expect, it } from '@jest/globals';
import { readInvoiceEvents } from '../example-data.js';
import { readConversation } from './conversation.js';
import type { ModelMessage, OfferedTool } from './language-model.js';

const [first, second] = readInvoiceEvents().map(({ data }) => data);
const user = (text: string): ModelMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const result = (toolName: string, value: string): ModelMessage => ({ role: 'tool', content: [{ type: 'tool-result', toolCallId: 'call', toolName, output: { type: 'text', value } }] });
const offered = (name: string): OfferedTool => ({ type: 'function', name, inputSchema: { type: 'object' } });

describe('reading a prompt', () => {
  it.each([
    ['bare', JSON.stringify(first)],
    ['fenced', `Goal { see below }:\n\`\`\`json\n${JSON.stringify(first?.invoice, null, 2)}\n\`\`\``],
    ['as a string inside JSON', JSON.stringify({ goal: first?.goal, data: JSON.stringify(first?.invoice) })],
    ['inside tags', `<task>${first?.goal}</task>\n<untrusted>${JSON.stringify({ payload: { invoice: first?.invoice } })}</untrusted>`],
  ])('finds the invoice when it is written %s', (_, text) => {
    expect(readConversation({ prompt: [user(text)] }).invoice).toEqual(first?.invoice);
  });

  it('takes the last task and only the calls after it, and is not led astray by later remarks', () => {
    const prompt = [user(JSON.stringify(first)), result('get_purchase_order', 'old'), user(JSON.stringify(second)), result('get_purchase_order', 'new'), user('Please go on.')];
    const conversation = readConversation({ prompt });
    expect(conversation.invoice?.invoiceNumber).toBe(second?.invoice.invoiceNumber);
    expect(conversation.steps).toEqual([{ tool: 'get_purchase_order', outcome: { kind: 'succeeded', value: 'new' } }]);
  });

  it('does not take an invoice from the words of a system message or a tool', () => {
    expect(readConversation({ prompt: [{ role: 'system', content: JSON.stringify(first) }, user('Hello'), result('search_guidelines', JSON.stringify(second))] }).invoice).toBeUndefined();
  });

  it('knows tools under prefixes and other spellings and respects the tool choice', () => {
    const tools = [offered('company__pay-invoice'), offered('company.getPurchaseOrder')];
    expect([...readConversation({ prompt: [], tools }).tools.keys()]).toEqual(['pay_invoice', 'get_purchase_order']);
    expect(readConversation({ prompt: [], tools, toolChoice: { type: 'none' } }).tools.size).toBe(0);
    expect([...readConversation({ prompt: [], tools, toolChoice: { type: 'tool', toolName: 'company__pay-invoice' } }).tools.keys()]).toEqual(['pay_invoice']);
  });
});
