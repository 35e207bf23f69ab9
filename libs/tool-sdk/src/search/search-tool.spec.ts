import { describe, expect, it, jest } from '@jest/globals';
import { executeCall } from '../execution/execute-call.js';
import { ToolGuards } from '../guards/tool-guards.js';
import { InMemoryEffectStore } from '../ledger/memory-effect-store.js';
import { Ledger } from '../ledger/ledger.js';
import { searchTool, type FoundPassage, type PassageSearch } from './search-tool.js';

const passage = (documentId: string, labels: Partial<FoundPassage> = {}): FoundPassage => ({ documentId, title: 't', text: documentId, source: 'file:///g', trust: 'organisation', secrecy: 'internal', score: 1, ...labels });

function search(found: PassageSearch) {
  const tool = searchTool({ name: 'search_guidelines', description: 'Searches.', scopes: ['guidelines'], search: found });
  const call = { tool, args: { query: 'freight' }, tenant: 'acme', runId: 'run-1', callId: 'c1-1' };
  return executeCall(call, { ledger: new Ledger({ store: new InMemoryEffectStore(), owner: 'one' }), guards: new ToolGuards(), random: () => 0 });
}

describe('searchTool', () => {
  it('asks within the declared scopes and for nothing less trusted than its label', async () => {
    const found = jest.fn<PassageSearch>().mockResolvedValue({ passages: [passage('a')] });

    expect(await search(found)).toMatchObject({ status: 'succeeded', result: { passages: [{ text: 'a', trust: 'organisation', source: 'file:///g' }] } });
    expect(found).toHaveBeenCalledWith({ tenant: 'acme', scopes: ['guidelines'], query: 'freight', limit: 5, minimumTrust: 'organisation' }, expect.any(AbortSignal));
  });

  it('drops what is less trusted or more secret than the label says, whatever the memory answers', async () => {
    const outcome = await search(() => Promise.resolve({ passages: [passage('a'), passage('b', { trust: 'third-party' }), passage('c', { secrecy: 'secret' }), passage('d', { trust: 'endorsed', secrecy: 'public' })] }));

    expect(outcome.status === 'succeeded' && (outcome.result as { passages: FoundPassage[] }).passages.map(({ text }) => text)).toEqual(['a', 'd']);
  });

  it('tries again when the memory does not answer', async () => {
    const found = jest.fn<PassageSearch>().mockRejectedValueOnce(new Error('nobody answered')).mockResolvedValue({ passages: [] });

    expect(await search(found)).toMatchObject({ status: 'succeeded', attempts: [{ outcome: 'not-done memory.unavailable' }, { outcome: 'succeeded' }] });
  });
});
