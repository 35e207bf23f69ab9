import { describe, expect, it, jest } from '@jest/globals';
import { executeCall } from '../execution/execute-call.js';
import { ToolGuards } from '../guards/tool-guards.js';
import { InMemoryEffectStore } from '../ledger/memory-effect-store.js';
import { Ledger } from '../ledger/ledger.js';
import { searchTool, type FoundPassage, type PassageSearch, type SearchToolSettings } from './search-tool.js';

const passage = (documentId: string, labels: Partial<FoundPassage> = {}): FoundPassage => ({
  passageId: 'a'.repeat(64), digest: 'b'.repeat(64), documentId, title: 't', text: documentId, source: 'file:///g', author: 'clerk', writtenAt: 1, trust: 'organisation', secrecy: 'internal', ...labels,
});

function search(found: PassageSearch, settings: Partial<SearchToolSettings> = {}, memoryScopes: readonly string[] | undefined = ['guidelines'], args: object = {}) {
  const tool = searchTool({ name: 'search_guidelines', description: 'Searches.', scopes: ['guidelines'], search: found, ...settings });
  const call = { tool, args: { query: 'freight', ...args }, tenant: 'acme', runId: 'run-1', callId: 'c1-1', ...(memoryScopes === undefined ? {} : { memoryScopes }) };
  return executeCall(call, { ledger: new Ledger({ store: new InMemoryEffectStore(), owner: 'one' }), guards: new ToolGuards(), random: () => 0 });
}

describe('searchTool', () => {
  it('asks within the declared scopes and for nothing less trusted or more secret than it may show', async () => {
    const found = jest.fn<PassageSearch>().mockResolvedValue({ passages: [passage('a')] });

    expect(await search(found)).toMatchObject({ status: 'succeeded', result: { passages: [{ text: 'a', trust: 'organisation', source: 'file:///g' }] } });
    expect(found).toHaveBeenCalledWith({ tenant: 'acme', scopes: ['guidelines'], query: 'freight', limit: 5, minimumTrust: 'organisation', highestSecrecy: 'internal' }, expect.any(AbortSignal));
  });

  it('asks in those of its scopes alone in which the run may work, whatever an argument says', async () => {
    const found = jest.fn<PassageSearch>().mockResolvedValue({ passages: [] });
    await search(found, { scopes: ['guidelines', 'mail', 'notes'] }, ['notes', 'guidelines', 'payroll']);

    expect(found.mock.calls.map(([{ scopes }]) => scopes)).toEqual([['guidelines', 'notes']]);
    expect(await search(found, {}, ['guidelines'], { scopes: ['payroll'] })).toMatchObject({ status: 'failed', failure: { code: 'tool.input-invalid' } });
  });

  it('asks nothing where its permit names no scope that it has', async () => {
    const found = jest.fn<PassageSearch>();

    for (const memoryScopes of [[], ['payroll']]) expect(await search(found, {}, memoryScopes)).toMatchObject({ status: 'failed', failure: { code: 'memory.scope-forbidden', retryable: false } });
    expect(found).not.toHaveBeenCalled();
    expect(searchTool({ name: 'search', description: 'Searches.', scopes: ['a', 'b'], search: found }).contract.memoryScopes).toEqual(['a', 'b']);
  });

  it('drops what is less trusted or more secret than it may show, whatever the memory answers', async () => {
    const outcome = await search(() => Promise.resolve({ passages: [passage('a'), passage('b', { trust: 'third-party' }), passage('c', { secrecy: 'secret' }), passage('d', { trust: 'endorsed', secrecy: 'public' })] }));

    expect(outcome.status === 'succeeded' && (outcome.result as { passages: FoundPassage[] }).passages.map(({ text }) => text)).toEqual(['a', 'd']);
  });

  it('shows each passage with its identity and its own labels, and without what else the memory says of it', async () => {
    const outsider = passage('b', { trust: 'third-party', secrecy: 'secret' });

    expect(await search(() => Promise.resolve({ passages: [{ ...passage('a'), score: 1 }, outsider] }), { minimumTrust: 'third-party', highestSecrecy: 'secret' })).toMatchObject({
      status: 'succeeded', result: { passages: [passage('a'), outsider] },
    });
  });

  it('declares what it may show as the worst of its results, which carry labels of their own', () => {
    const settings = { name: 'search', description: 'Searches.', scopes: ['guidelines'], search: () => Promise.resolve({ passages: [] }) } as const;

    expect(searchTool(settings).contract.outputLabel).toEqual({ trust: 'organisation', secrecy: 'internal', fields: {}, items: 'passages.*' });
    expect(searchTool({ ...settings, minimumTrust: 'model', highestSecrecy: 'secret' }).contract.outputLabel).toMatchObject({ trust: 'model', secrecy: 'secret' });
    expect(searchTool({ ...settings, minimumTrust: 'user' }).contract.outputLabel).toMatchObject({ trust: 'organisation' });
  });

  it('tries again when the memory does not answer', async () => {
    const found = jest.fn<PassageSearch>().mockRejectedValueOnce(new Error('nobody answered')).mockResolvedValue({ passages: [] });

    expect(await search(found)).toMatchObject({ status: 'succeeded', attempts: [{ outcome: 'not-done memory.unavailable' }, { outcome: 'succeeded' }] });
  });
});
