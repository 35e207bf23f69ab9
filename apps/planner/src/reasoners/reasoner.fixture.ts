import { REASONER_PROTOCOL, type ReasonerRequest } from '@holdfast/contracts';

/** A request as the planner would put it. */
export const request: ReasonerRequest = {
  protocol: REASONER_PROTOCOL, tenant: 'acme', run: 'run-1', basis: 3, agent: { name: 'payer', digest: 'd'.repeat(64) }, instructions: 'Pay what is due.',
  messages: [{ role: 'user', text: '{"goal":"Pay invoice 7."}', label: { trust: 'user', secrecy: 'internal', source: 'task' } }],
  tools: [{ name: 'pay', description: 'Pays.', input: { type: 'object' }, digest: 'e'.repeat(64) }], mayOnlyAnswer: false, left: { steps: 5 }, timeoutMs: 20_000,
};
