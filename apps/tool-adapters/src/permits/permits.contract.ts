import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { deadLetter, subjects, toolFact, type Commit, type FactOf, type PermitClaims, type RunEventOf } from '@holdfast/contracts';
import { decodeCommit } from '@holdfast/event-log';
import { startMetrics, type RunningMetrics } from '@holdfast/observability';
import { PERMIT_ALGORITHM, argumentsDigest, signPermit } from '@holdfast/policy-engine';
import { scrape, startTestBroker, type TestBroker } from '@holdfast/testing';
import { Ledger, ToolGuards, defineTool, silentLog } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { CallExecutor } from '../executor/call-executor.js';
import { BusEffectStore } from '../ledger/bus-effect-store.js';
import { startToolWorker } from '../worker.js';
import { PermitCheck } from './permit-check.js';
import { alertRefused, type RefusedPermit } from './refused-permits.js';

interface Key {
  readonly id: string;
  readonly private: KeyObject;
  readonly public: JsonWebKey;
}

function newKey(id: string): Key {
  const pair = generateKeyPairSync('ed25519');
  return { id, private: pair.privateKey, public: { ...pair.publicKey.export({ format: 'jwk' }), kid: id, alg: PERMIT_ALGORITHM, use: 'sig' } as JsonWebKey };
}
const setOf = (...keys: readonly Key[]): string => JSON.stringify({ keys: keys.map((key) => key.public) });

/** The real worker on the real broker's accounts. The test is the orchestrator, whose word the log is, and holds policy's keys. */
describe('permits at a tool worker', () => {
  const [first, second, planners] = [newKey('first'), newKey('second'), newKey('first')];
  let keys = setOf(first);
  let skewMs = 0;
  let broker: TestBroker;
  let tools: Bus;
  let orchestrator: Bus;
  let gateway: Bus;
  let metrics: RunningMetrics;
  const effects: string[] = [];
  const refused: RefusedPermit[] = [];
  const told = new Map<string, (fact: FactOf<'tool'>) => void>();
  let runs = 0;

  const act = (name: string, effect: 'keyed' | 'read') => defineTool({
    name, description: name, effect, input: z.strictObject({ invoice: z.string() }), output: z.strictObject({ done: z.boolean() }), ...(effect === 'read' ? {} : { identity: ['invoice'] as const }), roles: { invoice: 'target' },
    outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 5_000, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 4,
    execute: ({ invoice }: { invoice: string }) => { effects.push(`${name} ${invoice}`); return Promise.resolve({ done: true }); },
  } as Parameters<typeof defineTool>[0]);
  const [pay, look] = [act('pay', 'keyed'), act('look', 'read')];

  beforeAll(async () => {
    broker = await startTestBroker({ partitions: 1 });
    const connect = (role: 'tools' | 'orchestrator' | 'gateway'): Promise<Bus> => Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `permits-${role}` });
    [tools, orchestrator, gateway] = [await connect('tools'), await connect('orchestrator'), await connect('gateway')];
    orchestrator.serve(subjects.fact(0, { tenant: '*', runId: '*' } as never, 'tool'), toolFact, async (fact) => { told.get(`${fact.callId}:${fact.dispatch}`)?.(fact); return { status: 'committed', number: 9 } as const; });
    const clock = (): number => Date.now() + skewMs;
    const check = await PermitCheck.open({ readKeys: () => keys, clock, logger: silentLog });
    metrics = await startMetrics({ service: 'tool-adapters', version: '0', scrape: { host: '127.0.0.1', port: 0 } });
    const alert = alertRefused({ bus: tools, logger: silentLog, metrics, clock });
    const executor = new CallExecutor({
      adapter: 'default', tools: [pay, look], verifyPermit: (token, expected) => check.verify(token, expected), onRefusedPermit: async (one) => { refused.push(one); await alert(one); },
      means: { ledger: new Ledger({ store: new BusEffectStore(tools), owner: 'permits-contract' }), guards: new ToolGuards() },
    });
    startToolWorker({ bus: tools, log: { partitions: 1, decode: async (message) => ({ commit: decodeCommit(message.data, 'test'), sequence: message.sequence }) }, adapter: 'default', executor, logger: silentLog });
  }, 60_000);
  afterAll(async () => {
    await tools?.close();
    await orchestrator?.close();
    await gateway?.close();
    await metrics?.shutdown();
    await broker?.stop();
  });

  /** A call that the log dispatches, with a permit of these claims by this key; the outcome that the worker reports. */
  function dispatch(change: { readonly claims?: Partial<PermitClaims>; readonly by?: Key; readonly permit?: string; readonly event?: Partial<RunEventOf<'tool-called'>>; readonly tool?: typeof pay; readonly run?: string; readonly number?: number } = {}): { readonly outcome: Promise<unknown>; readonly permit: string; readonly run: string } {
    const { by = first, tool = pay, run = `run-${runs += 1}`, number = 4 } = change;
    const callId = `c${number}-${run.slice(4)}`;
    const args = { invoice: run };
    const seconds = Math.floor(Date.now() / 1_000);
    const claims: PermitClaims = { iss: 'holdfast-policy', jti: callId, tenant: 'acme', run, tool: tool.name, contractDigest: tool.contract.digest, argumentsDigest: argumentsDigest(args), policyDigest: 'b'.repeat(64), after: 3, iat: seconds, exp: seconds + 900, ...change.claims };
    const permit = change.permit ?? signPermit(claims, by.id, by.private);
    const called: RunEventOf<'tool-called'> = { type: 'tool-called', callId, tool: tool.name, adapter: 'default', effect: tool.effect, arguments: args, contractDigest: tool.contract.digest, policyDigest: 'b'.repeat(64), permit, ...change.event };
    const commit: Commit = { format: 1, tenant: 'acme', runId: run, number, previousHash: '0'.repeat(64), at: 1, cause: { kind: 'plan', id: 'p' }, route: 'call.default', events: [called], pointers: [], hash: `${runs}`.padStart(64, '0') };
    const outcome = new Promise<unknown>((resolve) => told.set(`${called.callId}:${number}`, (fact) => resolve(fact.outcome.status === 'failed' ? fact.outcome.failure : fact.outcome.status)));
    void orchestrator.publish(subjects.commit(0, { tenant: 'acme', runId: run } as never, 'call.default'), JSON.stringify(commit));
    return { outcome, permit, run };
  }
  /** How often Prometheus was told of a refusal for this reason. */
  const alerts = async (code: string, tool = 'pay'): Promise<number> => (await scrape(metrics.scrapeUrl ?? '')).find(({ name, labels }) => name === 'holdfast_permits_refused_total' && labels['reason'] === code && labels['tool'] === tool)?.value ?? 0;
  const refusal = (code: string) => expect.objectContaining({ code: 'tool.permit-refused', message: expect.stringContaining(`(${code})`) });

  it('let exactly the call run that policy allowed', async () => {
    const { outcome, run } = dispatch();
    expect(await outcome).toBe('succeeded');
    expect(effects).toContain(`pay ${run}`);
  });

  it.each<[string, Parameters<typeof dispatch>[0], string]>([
    ['signed with a key of the planner\'s own, under the name of policy\'s', { by: planners }, 'permit.forged'],
    ['signed with a key that nobody knows', { by: newKey('unknown') }, 'permit.forged'],
    ['no permit at all', { permit: 'x.y.z' }, 'permit.forged'],
    ['that is to last for ever', { claims: { exp: 9_999_999_999 } }, 'permit.forged'],
    ['for other arguments', { event: { arguments: { invoice: 'another' } } }, 'permit.mismatch'],
    ['for another call', { claims: { jti: 'c9-9' } }, 'permit.mismatch'],
    ['of another run', { claims: { run: 'run-0' } }, 'permit.mismatch'],
    ['by another bundle than the log says', { claims: { policyDigest: 'e'.repeat(64) } }, 'permit.mismatch'],
    ['given long before the commit that it came with', { number: 90 }, 'permit.mismatch'],
    ['given after it', { claims: { after: 7 } }, 'permit.mismatch'],
    ['that is over', { claims: { iat: 1_000, exp: 2_000 } }, 'permit.expired'],
  ])('are refused when they are %s: nothing is done, and somebody is told', async (_what, change, code) => {
    const before = effects.length;
    const alerted = await alerts(code);
    const { outcome, run } = dispatch(change);
    expect(await outcome).toEqual(refusal(code));
    expect(effects).toHaveLength(before);
    expect(refused.at(-1)).toMatchObject({ runId: run, code });
    const letter = await gateway.lastBySubject('DEAD', subjects.dead('acme', 'permits', `${run}-${change?.number ?? 4}-${refused.at(-1)?.callId}`));
    expect(deadLetter.parse(JSON.parse(new TextDecoder().decode(letter?.data)))).toMatchObject({ code, runId: run, payload: '' });
    expect(await alerts(code)).toBe(alerted + 1);
  });

  it.each([['keyed', pay], ['read', look]] as const)('work once, also for what is %s: a redelivery is no second use, and another dispatch is', async (_effect, tool) => {
    const one = dispatch({ tool });
    expect(await one.outcome).toBe('succeeded');
    const before = effects.length;
    const again = dispatch({ tool, run: one.run, permit: one.permit, number: 5, event: { callId: `c4-${one.run.slice(4)}` } });
    // What the ledger knows to be done is told as done; nothing is done again.
    expect(await again.outcome).toEqual(tool === pay ? 'succeeded' : refusal('permit.replayed'));
    expect(effects).toHaveLength(before);
    expect(refused.at(-1)).toMatchObject({ runId: one.run, dispatch: 5, code: 'permit.replayed' });
    expect(await alerts('permit.replayed', tool.name)).toBe(1);
  });

  it.each([['keyed', pay], ['read', look]] as const)('are taken again with the same dispatch, also when it comes late: what is %s is told again', async (_effect, tool) => {
    const one = dispatch({ tool });
    expect(await one.outcome).toBe('succeeded');
    const before = effects.filter((effect) => effect.endsWith(one.run)).length;
    expect(await dispatch({ tool, run: one.run, permit: one.permit }).outcome).toBe('succeeded');
    skewMs = 1_500_000;
    const [told, late] = [refused.length, await dispatch({ tool, run: one.run, permit: one.permit }).outcome];
    skewMs = 0;
    // Of a read nothing is on record, and it was done again while it might be.
    expect([late, refused.length - told]).toEqual(tool === pay ? ['succeeded', 0] : [refusal('permit.expired'), 1]);
    expect(effects.filter((effect) => effect.endsWith(one.run)).length - before).toBe(tool === pay ? 0 : 1);
  });

  it('count when clocks differ a little, and not when they differ much', async () => {
    for (const [skew, expected] of [[20_000, 'succeeded'], [-20_000, 'succeeded'], [600_000, 'succeeded'], [-600_000, refusal('permit.early')], [1_500_000, refusal('permit.expired')]] as const) {
      skewMs = skew;
      expect([skew, await dispatch().outcome]).toEqual([skew, expected]);
    }
    skewMs = 0;
  });

  it('go on while their key is exchanged: first the adapters know both, then policy signs with the new one, then the old one goes', async () => {
    const [old, next] = [dispatch(), dispatch({ by: second })];
    expect([await old.outcome, await next.outcome]).toEqual(['succeeded', refusal('permit.forged')]);
    keys = setOf(first, second);
    expect(await Promise.all([dispatch({ by: second }), dispatch({ by: first }), dispatch({ by: second })].map(({ outcome }) => outcome))).toEqual(['succeeded', 'succeeded', 'succeeded']);
    keys = 'nobody can read this';
    skewMs = 2_000;
    expect(await dispatch({ by: second }).outcome).toBe('succeeded');
    keys = setOf(second);
    skewMs = 4_000;
    expect(await Promise.all([dispatch({ by: second }), dispatch({ by: first })].map(({ outcome }) => outcome))).toEqual(['succeeded', refusal('permit.forged')]);
  });
});
