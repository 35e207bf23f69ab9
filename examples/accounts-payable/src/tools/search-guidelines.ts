import { searchTool, type PassageSearch } from '@holdfast/tool-sdk';

/** The scope under which the company's guidelines are kept in memory. */
export const GUIDELINES_SCOPE = 'accounts-payable/guidelines';

export const searchGuidelines = (search: PassageSearch) =>
  searchTool({
    name: 'search_guidelines',
    description: 'Searches the accounts payable guidelines: what to do about a supplier, a difference in quantity or price, freight, a foreign currency.',
    scopes: [GUIDELINES_SCOPE],
    search,
  });
