import { HoldfastError, type ToolContract } from '@holdfast/contracts';
import { contractOf, type PassageSearch, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { escalateInvoice } from './escalate-invoice.js';
import { getPurchaseOrder } from './get-purchase-order.js';
import { payInvoice } from './pay-invoice.js';
import { searchGuidelines } from './search-guidelines.js';
import { sendDispute } from './send-dispute.js';

export { GUIDELINES_SCOPE } from './search-guidelines.js';

/** What the tools reach: the company's HTTP service and the organisation's memory. */
export interface AccountsPayableSystems {
  readonly company: URL;
  readonly searchMemory: PassageSearch;
}

export function accountsPayableTools({ company, searchMemory }: AccountsPayableSystems): readonly Tool[] {
  return [getPurchaseOrder(company), searchGuidelines(searchMemory), payInvoice(company), sendDispute(company), escalateInvoice(company)];
}

/** The contracts for the catalog. They do not depend on where the systems are, so nothing has to be running. */
export const contracts: readonly ToolContract[] = accountsPayableTools({
  company: new URL('http://company.invalid'),
  searchMemory: () => Promise.reject(new Error('These tools exist only for their contracts.')),
}).map((tool) => contractOf(tool));

/** What a tool worker loads. Reads COMPANY_URL; throws `settings.invalid` when it is missing or no http address. */
export const tools: ToolModule['tools'] = ({ variables, searchMemory }) => {
  const given = variables['COMPANY_URL'] ?? '';
  const company = URL.parse(given);
  if (company === null || !/^https?:$/.test(company.protocol)) {
    throw new HoldfastError({ code: 'settings.invalid', message: `COMPANY_URL is "${given}", which is no http address.`, retryable: false, remedy: "Set COMPANY_URL to the address of the company's service, such as http://127.0.0.1:8080." });
  }
  return accountsPayableTools({ company, searchMemory });
};
