import { describe, expect, it, jest } from '@jest/globals';
import { HoldfastError, memoryRememberRequest, type Reading } from '@holdfast/contracts';
import { executeCall } from '../execution/execute-call.js';
import { ToolGuards } from '../guards/tool-guards.js';
import { InMemoryEffectStore } from '../ledger/memory-effect-store.js';
import { Ledger } from '../ledger/ledger.js';
import { rememberTool, type Remember } from './remember-tool.js';

const store = () => new InMemoryEffectStore();
const note = { topic: 'Freight', text: 'The supplier pays freight.' };
const stored = { documentId: 'remembered/x', digest: 'a'.repeat(64) };

function remember(ask: Remember, { args = note, worth, memoryScopes = ['notes'], runId = 'run-1', effects = store() }: { readonly args?: object; readonly memoryScopes?: readonly string[]; readonly worth?: Reading; readonly runId?: string; readonly effects?: InMemoryEffectStore } = {}) {
  const tool = rememberTool({ name: 'remember', description: 'Remembers.', scope: 'notes', remember: ask });
  const call = { tool, args, tenant: 'acme', runId, callId: 'c3-1', dispatch: 4, memoryScopes, ...(worth === undefined ? {} : { worth }) };
  return executeCall(call, { ledger: new Ledger({ store: effects, owner: 'one' }), guards: new ToolGuards(), random: () => 0 });
}

const outsider: Reading = { trust: 'third-party', secrecy: 'secret' };

describe('rememberTool', () => {
  it('stores what is said with the label that policy gives it, in the declared scope, and says which call wrote it', async () => {
    const ask = jest.fn<Remember>().mockResolvedValue(stored);

    expect(await remember(ask, { worth: outsider })).toMatchObject({ status: 'succeeded', result: stored });
    const [request] = ask.mock.calls[0] ?? [];
    expect(request).toMatchObject({ tenant: 'acme', scope: 'notes', title: 'Freight', text: note.text, ...outsider, writer: { runId: 'run-1', callId: 'c3-1', commit: 4 } });
    expect(memoryRememberRequest.parse(request)).toEqual(request);
  });

  it('stores nothing where nobody says what it is worth', async () => {
    const ask = jest.fn<Remember>();

    expect(await remember(ask)).toMatchObject({ status: 'failed', failure: { code: 'memory.label-missing' } });
    expect(ask).not.toHaveBeenCalled();
  });

  it.each([[[]], [['mail', 'notes/of-others']]])('stores nothing in a run that may work only in %j', async (memoryScopes) => {
    const ask = jest.fn<Remember>();

    expect(await remember(ask, { worth: outsider, memoryScopes })).toMatchObject({ status: 'failed', failure: { code: 'memory.scope-forbidden' } });
    expect(ask).not.toHaveBeenCalled();
  });

  it('takes no label from whoever calls it', async () => {
    const ask = jest.fn<Remember>();

    expect(await remember(ask, { worth: outsider, args: { ...note, trust: 'user', secrecy: 'public' } })).toMatchObject({ status: 'failed', failure: { code: 'tool.input-invalid' } });
    expect(ask).not.toHaveBeenCalled();
  });

  it('asks memory once for each call, however often it is delivered, and again for the same words of another run', async () => {
    const ask = jest.fn<Remember>().mockResolvedValue(stored);
    const effects = store();
    await remember(ask, { worth: outsider, effects });

    expect(await remember(ask, { worth: outsider, effects })).toMatchObject({ status: 'succeeded', result: stored });
    expect(await remember(ask, { worth: outsider, effects, runId: 'run-2' })).toMatchObject({ status: 'succeeded', result: stored });
    expect(ask.mock.calls.map(([{ writer }]) => writer.runId)).toEqual(['run-1', 'run-2']);
  });

  it('tries again when the memory does not answer, and not when it refuses', async () => {
    const silent = jest.fn<Remember>().mockRejectedValueOnce(new Error('nobody answered')).mockResolvedValue(stored);
    const refusing = jest.fn<Remember>().mockRejectedValue(new HoldfastError({ code: 'memory.source-revoked', message: 'Revoked.', retryable: false, remedy: 'Nothing.' }));

    expect(await remember(silent, { worth: outsider })).toMatchObject({ status: 'succeeded' });
    expect(await remember(refusing, { worth: outsider })).toMatchObject({ status: 'failed', failure: { code: 'memory.source-revoked' } });
    expect(refusing).toHaveBeenCalledTimes(1);
  });
});
