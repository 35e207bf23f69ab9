import { describe, expect, it, jest } from '@jest/globals';
import { HoldfastError, ZERO_HASH, fact, type Commit, type PermitClaims, type RunEventOf } from '@holdfast/contracts';
import { InMemoryEffectStore, Ledger, ToolGuards, defineTool, digestOf, operationKey, type CallContext, type Tool } from '@holdfast/tool-sdk';
import { z } from 'zod';
import type { Quarantine } from '../contracts/present-tools.js';
import { CallExecutor, type PermitVerifier } from './call-executor.js';

type Execute = (args: { readonly invoice: string }, context: CallContext) => Promise<{ readonly paid: boolean }>;

function payTool(execute: Execute): Tool {
  return defineTool({
    name: 'pay', description: 'Pays.', effect: 'keyed', input: z.strictObject({ invoice: z.string() }), output: z.strictObject({ paid: z.boolean() }), identity: ['invoice'], roles: { invoice: 'target' },
    outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 1_000, retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 4, execute,
  });
}

const claims = {} as PermitClaims;
const permitted: PermitVerifier = () => Promise.resolve(claims);
const expired: PermitVerifier = () => Promise.reject(new HoldfastError({ code: 'permit.expired', message: 'The permit is no longer in force.', retryable: false, remedy: 'Ask policy again.' }));

function bench(verifyPermit: PermitVerifier = permitted, execute: Execute = () => Promise.resolve({ paid: true })) {
  const store = new InMemoryEffectStore();
  const acting = jest.fn(execute);
  const tool = payTool(acting);
  const ledger = (owner: string) => new Ledger({ store, owner, clock: { now: Date.now, sleep: () => Promise.reject(new Error('nobody may wait here')) } });
  const executor = (verifier = verifyPermit, owner = 'worker', quarantine?: Quarantine, tools: readonly Tool[] = [tool]) => new CallExecutor({ adapter: 'default', tools, verifyPermit: verifier, ...(quarantine === undefined ? {} : { standings: { quarantineOf: () => quarantine, contractOf: () => undefined, refresh: async () => undefined } }), means: { ledger: ledger(owner), guards: new ToolGuards(), random: () => 0 } });
  return { store, acting, tool, executor, ledger };
}

function commitOf(tool: Tool, change: Partial<RunEventOf<'tool-called'>> = {}, number = 2): Commit {
  const called: RunEventOf<'tool-called'> = { type: 'tool-called', callId: 'c1-1', tool: tool.name, adapter: 'default', effect: tool.effect, arguments: { invoice: 'i-7' }, contractDigest: tool.contract.digest, permit: 'signed', ...change };
  return { format: 1, tenant: 'acme', runId: 'run-1', number, previousHash: ZERO_HASH, at: 1, cause: { kind: 'plan', id: 'p-1' }, route: 'call.default', events: [called], pointers: [1], hash: String(number).repeat(64) };
}

const delivered = { deliveries: 1, traceHeaders: { traceparent: '00-x' } };

describe('CallExecutor', () => {
  it('executes the call of a commit and answers with a fact of the contract', async () => {
    const { acting, tool, executor } = bench();
    const executed = await executor().handle(commitOf(tool), delivered);

    expect(fact.parse(JSON.parse(JSON.stringify(executed.fact)))).toMatchObject({ kind: 'tool', callId: 'c1-1', dispatch: 2, id: expect.stringMatching(/^c1-1:[0-9a-f]{64}$/), outcome: { status: 'succeeded', result: { paid: true } } });
    expect(executed.key).toEqual({ tenant: 'acme', runId: 'run-1' });
    expect(acting.mock.calls[0]?.[1]).toMatchObject({ tenant: 'acme', runId: 'run-1', callId: 'c1-1', traceHeaders: { traceparent: '00-x' } });
  });

  it('answers a commit that is delivered again with the very same fact, without acting', async () => {
    const { acting, tool, executor } = bench();
    const first = await executor().handle(commitOf(tool), delivered);

    expect(await executor(permitted, 'other').handle(commitOf(tool), { ...delivered, deliveries: 2 })).toEqual(first);
    expect(acting).toHaveBeenCalledTimes(1);
  });

  it('goes on at once with a keyed call whose worker fell silent', async () => {
    const { acting, tool, executor, ledger } = bench();
    const operation = { tenant: 'acme', tool: 'pay', identity: { invoice: 'i-7' }, operationKey: operationKey({ tenant: 'acme', tool: 'pay', identity: { invoice: 'i-7' } }), argumentsDigest: digestOf({ invoice: 'i-7' }), runId: 'run-1', callId: 'c1-1', attemptMs: 1_000 };
    await ledger('silent').claim(operation, { waitUntil: 0 });

    // The bench's clock refuses to wait.
    expect((await executor().handle(commitOf(tool), { ...delivered, deliveries: 2 })).fact).toMatchObject({ outcome: { status: 'succeeded' } });
    expect(acting).toHaveBeenCalledTimes(1);
  });

  it('has the permit verified for exactly this call', async () => {
    const verify = jest.fn(permitted);
    const { tool, executor } = bench(verify);
    await executor().handle(commitOf(tool), delivered);

    expect(verify).toHaveBeenCalledWith('signed', { tenant: 'acme', run: 'run-1', callId: 'c1-1', tool: 'pay', contractDigest: tool.contract.digest, argumentsDigest: digestOf({ invoice: 'i-7' }), dispatch: 2 });
    await executor(verify).handle(commitOf(tool, { policyDigest: 'e'.repeat(64) }, 3), delivered);
    expect(verify).toHaveBeenLastCalledWith('signed', expect.objectContaining({ dispatch: 3, policyDigest: 'e'.repeat(64) }));
  });

  it('hands on what the permit says that the writing is worth, and nothing when it says nothing', async () => {
    const { acting, tool, executor } = bench();
    await executor(() => Promise.resolve({ ...claims, worth: { trust: 'third-party', secrecy: 'secret' } })).handle(commitOf(tool), delivered);
    await executor().handle(commitOf(tool, { callId: 'c2-1', arguments: { invoice: 'i-8' } }, 3), delivered);

    expect(acting.mock.calls.map(([, context]) => [context.dispatch, context.worth])).toEqual([[2, { trust: 'third-party', secrecy: 'secret' }], [3, undefined]]);
  });

  it('hands on the scopes of memory that the permit names, and none where it names none', async () => {
    const { acting, tool, executor } = bench();
    await executor(() => Promise.resolve({ ...claims, memoryScopes: ['notes'] })).handle(commitOf(tool), delivered);
    await executor().handle(commitOf(tool, { callId: 'c2-1', arguments: { invoice: 'i-8' } }, 3), delivered);

    expect(acting.mock.calls.map(([, context]) => context.memoryScopes)).toEqual([['notes'], undefined]);
  });

  it.each([
    { code: 'tool.permit-refused', verifier: expired, change: {} },
    { code: 'tool.permit-refused', verifier: () => Promise.reject(new TypeError('bug')), change: {} },
    { code: 'tool.unknown-tool', verifier: permitted, change: { tool: 'nothing' } },
    { code: 'tool.contract-drifted', verifier: permitted, change: { contractDigest: 'b'.repeat(64) } },
    { code: 'tool.contract-drifted', verifier: permitted, change: { effect: 'read' as const } },
    { code: 'tool.input-invalid', verifier: permitted, change: { arguments: { invoice: 7 } } },
  ])('answers with the failure $code and does nothing', async ({ code, verifier, change }) => {
    const { acting, tool, executor } = bench(verifier);

    expect((await executor().handle(commitOf(tool, change), delivered)).fact).toMatchObject({ kind: 'tool', outcome: { status: 'failed', failure: { code, retryable: false }, attempts: [] } });
    expect(acting).not.toHaveBeenCalled();
  });

  it('does not call a payment failed because its permit expired after it was made', async () => {
    const { tool, executor } = bench();
    const first = await executor().handle(commitOf(tool), delivered);

    expect(await executor(expired, 'other').handle(commitOf(tool), { ...delivered, deliveries: 2 })).toEqual(first);
  });

  it('leaves a call to be tried again when the verifier cannot tell now', async () => {
    const { tool, executor } = bench(() => Promise.reject(new HoldfastError({ code: 'permit.keys-unavailable', message: 'No keys.', retryable: true, remedy: 'Wait.' })));

    await expect(executor().handle(commitOf(tool), delivered)).rejects.toMatchObject({ code: 'permit.keys-unavailable' });
  });

  it("says so when a commit calls another adapter's tool", async () => {
    const { tool, executor } = bench();

    await expect(executor().handle(commitOf(tool, { adapter: 'other' }), delivered)).rejects.toMatchObject({ code: 'tool.commit-unreadable', retryable: false });
  });

  it('refuses two tools of one name', () => {
    const { tool } = bench();

    expect(() => new CallExecutor({ adapter: 'default', tools: [tool, tool], verifyPermit: permitted, means: { ledger: new Ledger({ store: new InMemoryEffectStore(), owner: 'one' }), guards: new ToolGuards() } })).toThrow(/same name/);
  });
});

describe('a call of a quarantined tool', () => {
  const quarantine: Quarantine = { sequence: 17, reason: 'The argument "invoice" was removed.' };
  const held = { kind: 'parked', callId: 'c1-1', dispatch: 2, quarantine: 17, reason: quarantine.reason };

  it.each([
    { call: 'that could be made', change: {}, tools: undefined, verifier: permitted },
    { call: 'that was decided on under another contract', change: { contractDigest: 'b'.repeat(64) }, tools: undefined, verifier: permitted },
    { call: 'whose arguments the contract no longer takes', change: { arguments: { order: 7 } }, tools: undefined, verifier: permitted },
    { call: 'whose permit is over', change: {}, tools: undefined, verifier: expired },
    { call: 'whose tool is gone', change: {}, tools: [], verifier: permitted },
  ])('$call is reported as parked, and nothing is done', async ({ change, tools, verifier }) => {
    const { acting, tool, executor } = bench();
    const { fact: told } = await executor(verifier, 'worker', quarantine, tools).handle(commitOf(tool, change), delivered);

    expect(fact.parse(told)).toMatchObject(held);
    expect(acting).not.toHaveBeenCalled();
  });

  it('is found done when an earlier delivery of it was', async () => {
    const { tool, executor } = bench();
    const first = await executor().handle(commitOf(tool), delivered);

    expect(await executor(permitted, 'other', quarantine).handle(commitOf(tool), { ...delivered, deliveries: 2 })).toEqual(first);
  });

  it('is not made by a worker that knows of no quarantine once another has held it back, but parked to be released at once', async () => {
    const { acting, tool, executor } = bench();
    await executor(permitted, 'worker', quarantine).handle(commitOf(tool), { ...delivered, deliveries: 2 });

    expect((await executor(permitted, 'slow').handle(commitOf(tool), delivered)).fact).toMatchObject({ kind: 'parked', callId: 'c1-1', quarantine: 1, reason: expect.stringContaining('was removed') });
    expect(acting).not.toHaveBeenCalled();
  });

  it('is made when it is dispatched anew after the quarantine, once', async () => {
    const { acting, tool, executor } = bench();
    await executor(permitted, 'worker', quarantine).handle(commitOf(tool), delivered);

    expect((await executor().handle(commitOf(tool, {}, 6), delivered)).fact).toMatchObject({ dispatch: 6, outcome: { status: 'succeeded' } });
    await executor(permitted, 'late').handle(commitOf(tool), { ...delivered, deliveries: 3 });
    expect(acting).toHaveBeenCalledTimes(1);
  });
});

describe('a person\'s word about a call in doubt', () => {
  const doubt = { operationKey: operationKey({ tenant: 'acme', tool: 'pay', identity: { invoice: 'i-7' } }), claim: 1 };

  function wordOf(tool: Tool, word: Partial<RunEventOf<'doubt-resolved'>>): Commit {
    const event: RunEventOf<'doubt-resolved'> = { type: 'doubt-resolved', approvalId: 'doubt-c1-1', callId: 'c1-1', tool: tool.name, adapter: 'default', effect: tool.effect, arguments: { invoice: 'i-7' }, ...doubt, resolution: 'happened', by: 'ada', comment: '', ...word };
    return { ...commitOf(tool, {}, 4), events: [event] };
  }

  it('is recorded, and every asker is told it', async () => {
    const { acting, tool, executor } = bench();
    const told = await executor().handle(wordOf(tool, { result: { paid: true } }), delivered);

    expect(fact.parse(told.fact)).toMatchObject({ kind: 'tool', callId: 'c1-1', dispatch: 4, outcome: { status: 'succeeded', result: { paid: true }, replayed: true } });
    expect((await executor().handle(commitOf(tool, { callId: 'c9-1' }, 9), delivered)).fact).toMatchObject({ outcome: { status: 'succeeded', result: { paid: true }, replayed: true } });
    expect(acting).not.toHaveBeenCalled();
  });

  it('with a result that does not follow the contract leaves it in doubt, and says what is wrong', async () => {
    const { tool, executor } = bench();
    expect((await executor().handle(wordOf(tool, { result: { paid: 'yes' } }), delivered)).fact).toMatchObject({ outcome: { status: 'in-doubt', ...doubt, failure: { message: expect.stringContaining('paid') } } });
    expect((await executor(permitted, 'worker', undefined, []).handle(wordOf(tool, { result: { paid: true } }), delivered)).fact).toMatchObject({ outcome: { status: 'in-doubt', ...doubt } });
  });

  it('that it did not happen fails the call; that it may be tried again lets a later dispatch act, once', async () => {
    const { acting, tool, executor } = bench();
    expect((await bench().executor().handle(wordOf(tool, { resolution: 'did-not-happen' }), delivered)).fact).toMatchObject({ outcome: { status: 'failed', failure: { code: 'tool.did-not-happen' } } });
    expect((await executor().handle(wordOf(tool, { resolution: 'retry' }), delivered)).fact).toMatchObject({ outcome: { status: 'failed', failure: { code: 'tool.may-be-retried' } } });
    expect((await executor().handle(commitOf(tool, {}, 6), delivered)).fact).toMatchObject({ outcome: { status: 'succeeded', replayed: false } });
    await executor().handle(commitOf(tool), { ...delivered, deliveries: 3 });
    expect(acting).toHaveBeenCalledTimes(1);
  });

  it('is brought in although the tool is quarantined, since nothing is sent', async () => {
    const { tool, executor } = bench();
    expect((await executor(permitted, 'worker', { sequence: 17, reason: 'narrowed' }).handle(wordOf(tool, { result: { paid: true } }), delivered)).fact).toMatchObject({ kind: 'tool', outcome: { status: 'succeeded' } });
  });
});
