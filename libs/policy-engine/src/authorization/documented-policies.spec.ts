import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bundleOf, catalog } from './accounts-payable.fixture.js';
import { CONTEXT_MEMBERS } from './context-members.js';

const page = (name: string): string => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
const cedarIn = (text: string): readonly string[] => [...text.matchAll(/```cedar\n([^]*?)```/g)].map(([, policies]) => policies ?? '');

describe('the pages for policy authors', () => {
  it.each(['policies.md', 'budgets.md', 'approvals.md'])('show policies that load: %s', (name) => {
    const blocks = cedarIn(page(name));
    expect(blocks.length).toBeGreaterThan(0);
    for (const policies of blocks) expect(() => bundleOf({ 'shown.cedar': policies })).not.toThrow();
    expect(catalog.tools.map((tool) => tool.name)).toContain('pay_invoice');
  });

  it('name every member of the context', () => {
    const named = page('policies.md');
    expect(['input', ...Object.keys(CONTEXT_MEMBERS)].filter((member) => !named.includes(`\`${member}\``))).toEqual([]);
  });
});
