import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { createReasoner } from './reasoner/index.js';
import { GUIDELINES_SCOPE } from './tools/search-guidelines.js';

/** Pays, disputes or escalates supplier invoices. */
const accountsPayable = defineAgent({
  name: 'accounts-payable',
  model: 'scripted',
  taskTypes: ['com.example.invoice.received'],
  tools: ['get_purchase_order', 'search_guidelines', 'pay_invoice', 'send_dispute', 'escalate_invoice'],
  memoryScopes: [GUIDELINES_SCOPE],
  trustTier: 'supervised',
  budgets: { maxSteps: 8, deadlineSeconds: 300, approvalSeconds: 120 },
  instructions: [
    'You handle supplier invoices for accounts payable.',
    'Look up the purchase order, compare every line and the total, and search the guidelines for the supplier and the situation.',
    'Then do exactly one thing: pay the invoice, dispute it with the supplier, or escalate it to a person.',
    'Pay only when invoice and purchase order agree and no guideline forbids it. When you are refused or cannot tell, escalate with the reason.',
    'Finish with one JSON object: {"decision": "paid" | "disputed" | "escalated", "reason": "…"}.',
  ].join('\n'),
});

export const agents: AgentModule['agents'] = [accountsPayable];
export const models: AgentModule['models'] = { scripted: createReasoner };
